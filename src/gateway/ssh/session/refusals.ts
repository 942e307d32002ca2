import { decide, type AccessKind } from '#domain/access/decide.ts';
import { printable } from '#lib/printable.ts';
import type { Login } from '../login.ts';
import type { GatewayServices } from './services.ts';

/** Requests for things that are not available, before a connection is not worth keeping. */
const MAX_REFUSALS = 200;

export interface RefusalsOptions {
  readonly services: GatewayServices;
  readonly login: Login;
  readonly groups: () => readonly string[];
  readonly tooMany: () => void;
}

/** Tells what a client asked for in vain, and ends the patience with it. */
export class Refusals {
  readonly #options: RefusalsOptions;
  #count = 0;

  constructor(options: RefusalsOptions) {
    this.#options = options;
  }

  note(kind: AccessKind, name: string): void {
    const { services, login, tooMany } = this.#options;
    this.#count += 1;
    if (this.#count > MAX_REFUSALS) {
      tooMany();
      return;
    }
    void this.#codeOf(kind, name).then((code) => {
      services.events.report('channel.refused', {
        user: login.username,
        address: login.address,
        port: login.port,
        data: { login: login.id, kind, name: printable(name, 200), code },
      });
    });
  }

  /** The code comes from the one decision, like that of everything that is refused. */
  async #codeOf(kind: AccessKind, name: string): Promise<string> {
    const { services, login, groups } = this.#options;
    const { username, address, keyFingerprint, secondFactor, target } = login;
    try {
      const decision = decide(
        {
          kind,
          subject: { username, groups: groups(), kind: login.kind, address, keyFingerprint, secondFactor },
          asset: target?.asset ?? null,
          account: target?.account ?? null,
          session: login.id,
          name,
        },
        await services.policy.facts(),
      );
      return decision.verdict === 'allow' ? 'not_supported' : decision.code;
    } catch {
      return 'state_unavailable';
    }
  }
}
