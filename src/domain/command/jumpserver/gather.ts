import type { z } from 'zod';
import type { Problem } from '#contract/errors.ts';
import { problemsOf } from '#contract/problems.ts';
import { CommandGroup, Filter, FilterAcl, FilterRule, Named, Page } from './schema.ts';

/** Everything of one export, by kind. */
export interface JumpServerExport {
  readonly groups: readonly CommandGroup[];
  readonly acls: readonly FilterAcl[];
  readonly filters: readonly Filter[];
  readonly filterRules: readonly FilterRule[];
  /** For selectors by id: users, assets, user groups, system users. */
  readonly names: ReadonlyMap<string, Named>;
  readonly warnings: readonly Problem[];
  readonly errors: readonly Problem[];
}

type Kind = 'command group' | 'command filter ACL' | 'command filter' | 'command filter rule' | 'named';
type Raw = Readonly<Record<string, unknown>>;

/** Lists that an object may hold, by key without `-` and `_`. */
const SECTIONS: Readonly<Record<string, Kind>> = {
  commandgroups: 'command group',
  commandfilteracls: 'command filter ACL',
  commandfilters: 'command filter',
  cmdfilters: 'command filter',
  commandfilterrules: 'command filter rule',
  users: 'named',
  usergroups: 'named',
  assets: 'named',
  hosts: 'named',
  systemusers: 'named',
};
/** From 4.10.8 on, a list that was asked for without `limit` ends here without saying so. */
const SILENT_LIMIT = 200;
const MAX_ITEMS = 20_000;
/** What the lists of ACLs leave out, and only the answer about one ACL has. */
const ONLY_IN_DETAIL = ['users', 'assets', 'accounts', 'command_groups'];

/**
 * Sorts out what JumpServer's API answered: lists, pages, single objects, or objects with several lists. What is
 * given twice, as in a list and by itself, counts once, with the fields of both.
 */
export function gatherExport(documents: readonly unknown[]): JumpServerExport {
  const gatherer = new Gatherer();
  documents.forEach((document, index) =>
    gatherer.add(document, documents.length > 1 ? `file ${index + 1}` : ''),
  );
  return gatherer.finish();
}

class Gatherer {
  readonly #items = new Map<Kind, Map<string, Raw>>();
  readonly #pages: { readonly kind: Kind | undefined; readonly count: number; readonly at: string }[] = [];
  readonly #warnings: Problem[] = [];
  readonly #errors: Problem[] = [];
  #total = 0;

  add(document: unknown, at: string): void {
    if (Array.isArray(document)) {
      this.#addList(document, at, undefined);
      return;
    }
    const page = Page.safeParse(document);
    if (page.success) this.#addPage(page.data, at, undefined);
    else if (!isRaw(document)) this.#errors.push({ path: at, message: 'must be a list or an object' });
    else if (kindOf(document) !== undefined) this.#addItem(document, at, undefined);
    else this.#addSections(document, at);
  }

  finish(): JumpServerExport {
    for (const { kind, count, at } of this.#pages) {
      const found = kind === undefined ? this.#total : (this.#items.get(kind)?.size ?? 0);
      if (found < count)
        this.#errors.push({
          path: at,
          message: `is one page of several: ${count} there are, ${found} are here; give every page`,
        });
    }
    const named = this.#parsed('named', Named);
    return {
      groups: this.#parsed('command group', CommandGroup),
      acls: this.#parsed('command filter ACL', FilterAcl),
      filters: this.#parsed('command filter', Filter),
      filterRules: this.#parsed('command filter rule', FilterRule),
      names: new Map(named.map((one) => [one.id, one])),
      warnings: this.#warnings,
      errors: this.#errors,
    };
  }

  #addSections(document: Raw, at: string): void {
    let isKnown = false;
    for (const [key, value] of Object.entries(document)) {
      const kind = SECTIONS[key.toLowerCase().replaceAll(/[-_]/g, '')];
      if (kind === undefined) continue;
      isKnown = true;
      const page = Page.safeParse(value);
      if (page.success) this.#addPage(page.data, join(at, key), kind);
      else if (Array.isArray(value)) this.#addList(value, join(at, key), kind);
      else this.#errors.push({ path: join(at, key), message: 'must be a list or a page' });
    }
    if (!isKnown)
      this.#errors.push({
        path: at,
        message: 'holds neither command_groups and command_filter_acls nor command_filters',
      });
  }

  #addPage(page: z.infer<typeof Page>, at: string, kind: Kind | undefined): void {
    const first = page.results.find(isRaw);
    this.#pages.push({
      kind: kind ?? (first === undefined ? undefined : kindOf(first)),
      count: page.count,
      at,
    });
    this.#addAll(page.results, at, kind);
  }

  #addList(list: readonly unknown[], at: string, kind: Kind | undefined): void {
    if (list.length === SILENT_LIMIT)
      this.#warnings.push({
        path: at,
        message: `has exactly ${SILENT_LIMIT} entries, where JumpServer cuts off lists asked for without limit; look whether that is all`,
      });
    this.#addAll(list, at, kind);
  }

  #addAll(list: readonly unknown[], at: string, kind: Kind | undefined): void {
    list.forEach((item, index) => {
      if (isRaw(item)) this.#addItem(item, `${at}[${index}]`, kind);
      else this.#errors.push({ path: `${at}[${index}]`, message: 'must be an object' });
    });
  }

  #addItem(item: Raw, at: string, section: Kind | undefined): void {
    const kind = section ?? kindOf(item);
    if (kind === undefined) {
      this.#errors.push({
        path: at,
        message: 'is neither a command group nor a command filter, a user, an asset',
      });
      return;
    }
    this.#total += 1;
    if (this.#total > MAX_ITEMS) {
      if (this.#total === MAX_ITEMS + 1)
        this.#errors.push({ path: at, message: `is one too many: ${MAX_ITEMS} are the most` });
      return;
    }
    const items = this.#items.get(kind) ?? new Map<string, Raw>();
    this.#items.set(kind, items);
    const { id } = item;
    const key = typeof id === 'string' || typeof id === 'number' ? `id ${id}` : `at ${at}`;
    items.set(key, { ...items.get(key), ...item });
  }

  #parsed<T extends z.ZodType>(kind: Kind, schema: T): readonly z.output<T>[] {
    return [...(this.#items.get(kind)?.values() ?? [])].flatMap((item) => {
      const label = labelOf(kind, item['name'] ?? item['id']);
      const missing = kind === 'command filter ACL' ? ONLY_IN_DETAIL.filter((key) => !(key in item)) : [];
      if (missing.length > 0) {
        this.#errors.push({
          path: label,
          message: `is without ${missing.join(', ')}, which JumpServer leaves out of lists; add the answer of /api/v1/acls/command-filter-acls/ID/`,
        });
        return [];
      }
      const parsed = schema.safeParse(item);
      if (parsed.success) return [parsed.data];
      for (const { path, message } of problemsOf(parsed.error))
        this.#errors.push({ path: path === '' ? label : `${label}: ${path}`, message });
      return [];
    });
  }
}

export function labelOf(kind: string, name: unknown): string {
  return `${kind} ${typeof name === 'string' || typeof name === 'number' ? JSON.stringify(name) : 'without a name'}`;
}

function kindOf(item: Raw): Kind | undefined {
  if ('content' in item) return 'action' in item ? 'command filter rule' : 'command group';
  if ('action' in item) return 'command filter ACL';
  if ('rules' in item || 'system_users' in item) return 'command filter';
  if (!('id' in item)) return undefined;
  return 'username' in item || 'hostname' in item || 'address' in item ? 'named' : undefined;
}

function isRaw(value: unknown): value is Raw {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function join(at: string, key: string): string {
  return at === '' ? key : `${at}: ${key}`;
}
