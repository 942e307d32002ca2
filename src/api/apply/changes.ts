import type { AppliedObject, ApplyResult } from '#contract/resources/apply-result.ts';
import type { JsonObject } from '#lib/json.ts';
import type { Auditor } from '../audit.ts';

type Kind = AppliedObject['kind'];

/** Collects what one run does to each object, and writes what it changes to the audit trail. */
export class Changes {
  readonly audit: Auditor;
  readonly #created: AppliedObject[] = [];
  readonly #updated: AppliedObject[] = [];
  readonly #unchanged: AppliedObject[] = [];

  constructor(audit: Auditor) {
    this.audit = audit;
  }

  created(kind: Kind, name: string): void {
    this.#created.push({ kind, name });
    this.audit.created(kind, name);
  }

  /** Says which fields changed; none is unchanged. */
  compared(kind: Kind, name: string, fields: readonly string[]): void {
    if (fields.length === 0) {
      this.#unchanged.push({ kind, name });
      return;
    }
    this.#updated.push({ kind, name });
    const data: JsonObject = { fields };
    this.audit.updated(kind, name, data);
  }

  result(): ApplyResult {
    return { created: [...this.#created], updated: [...this.#updated], unchanged: [...this.#unchanged] };
  }
}
