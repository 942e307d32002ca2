import { AccountName, Name } from '#contract/names.ts';
import { z } from 'zod';
import { Reference, type Attribute, type Named, type Selector } from './schema.ts';

/** Whom a selector means, in names of ours; or why that cannot be said. */
export type Selection =
  | { readonly exact: true; readonly names: readonly string[] }
  | { readonly exact: false; readonly why: string };

export type Selected = 'users' | 'groups' | 'assets' | 'accounts';

export const EVERYBODY: Selection = { exact: true, names: ['*'] };
export const NOBODY: Selection = { exact: true, names: [] };

const ALL: ReadonlySet<string> = new Set(['*', '@ALL']);
/** The attribute that is a name of ours. */
const NAME_ATTRIBUTES: Readonly<Record<Selected, readonly string[]>> = {
  users: ['username'],
  groups: ['name'],
  assets: ['name'],
  accounts: ['username'],
};
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Users, or the groups they are in: JumpServer selects by group with an attribute of the user. */
export function peopleOf(
  selector: Selector,
  names: ReadonlyMap<string, Named>,
): Readonly<Record<'users' | 'groups', Selection>> {
  const attributes = 'attrs' in selector ? selector.attrs.filter(({ value }) => !isAll(value)) : [];
  const [only] = attributes;
  if (only?.name === 'groups' && only.match === 'm2m' && attributes.length === 1) {
    const groups = z.array(Reference).safeParse(only.value);
    if (groups.success) return { users: NOBODY, groups: fromList(groups.data, 'groups', names) };
  }
  return { users: selectionOf(selector, 'users', names), groups: NOBODY };
}

export function selectionOf(
  selector: Selector,
  what: Selected,
  names: ReadonlyMap<string, Named>,
): Selection {
  return 'list' in selector ? fromList(selector.list, what, names) : fromAttributes(selector.attrs, what);
}

export function fromList(
  list: readonly Reference[],
  what: Selected,
  known: ReadonlyMap<string, Named>,
): Selection {
  const names: string[] = [];
  for (const reference of list) {
    const { id } = reference;
    if (id !== undefined && ALL.has(id)) return EVERYBODY;
    const name = nameOf(reference, what, known);
    if (name === undefined)
      return inexact(`${what} are named by id, and nothing that was given says who ${id ?? 'that'} is`);
    if (!isName(name, what)) return inexact(`${JSON.stringify(name)} cannot be a name here`);
    names.push(name);
  }
  return { exact: true, names: [...new Set(names)] };
}

function nameOf(reference: Reference, what: Selected, known: ReadonlyMap<string, Named>): string | undefined {
  const { id } = reference;
  const found = id === undefined ? undefined : known.get(id);
  const byNames = ourName(reference, what) ?? (found === undefined ? undefined : ourName(found, what));
  // A list may hold the names themselves.
  return byNames ?? (id === undefined || UUID.test(id) ? undefined : id);
}

function ourName(one: Reference | Named, what: Selected): string | undefined {
  const fields = { name: undefined, username: undefined, hostname: undefined, ...one };
  // The name of a user is what people call them, not what they log in with.
  if (what === 'users') return fields.username;
  if (what === 'accounts') return fields.username ?? fields.name;
  return what === 'assets' ? (fields.hostname ?? fields.name) : fields.name;
}

/** Attributes are AND-ed; those that hold for everybody can be left out. */
function fromAttributes(attributes: readonly Attribute[], what: Selected): Selection {
  const narrowing = attributes.filter(({ value }) => !isAll(value));
  if (attributes.length === 0) return inexact('it has no attributes');
  if (narrowing.length === 0) return EVERYBODY;
  const [only, ...others] = narrowing;
  if (only === undefined || others.length > 0) return inexact(`${what} are selected by several attributes`);
  const values = only.match === 'in' ? only.value : only.match === 'exact' ? [only.value] : undefined;
  if (!NAME_ATTRIBUTES[what].includes(only.name) || !Array.isArray(values))
    return inexact(`${what} are selected by the attribute ${only.name} (${only.match})`);
  const names = values.map(String);
  const wrong = names.find((name) => !isName(name, what));
  if (wrong !== undefined) return inexact(`${JSON.stringify(wrong)} cannot be a name here`);
  return { exact: true, names: [...new Set(names)] };
}

function isAll(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(isAll);
  return typeof value === 'string' && ALL.has(value);
}

function isName(name: string, what: Selected): boolean {
  return (what === 'accounts' ? AccountName : Name).safeParse(name).success;
}

function inexact(why: string): Selection {
  return { exact: false, why };
}
