import type { Problem } from '#contract/errors.ts';
import { nameKey } from '#contract/names.ts';
import { closestWord } from '#contract/problems.ts';
import type { StateReader } from '#state/state.ts';
import type { PreparedDocument } from './prepare-document.ts';

/** Names that exist, in the form in which they are compared, with the form in which they are shown. */
type Names = ReadonlyMap<string, string>;

interface KnownNames {
  readonly users: Names;
  readonly groups: Names;
  readonly assets: Names;
  readonly accounts: Names;
}

/** A name that nobody has is a slip of the pen, and a rule about nobody protects nobody. */
export async function checkReferences(
  db: StateReader,
  document: PreparedDocument,
): Promise<readonly Problem[]> {
  const known = await knownNames(db, document);
  const problems: Problem[] = [];
  const check = (path: string, what: keyof KnownNames, names: readonly string[]): void =>
    names.forEach((name, index) => {
      const key = what === 'accounts' ? name : nameKey(name);
      if (name === '*' || known[what].has(key)) return;
      const near = closestWord(name, [...known[what].values()]);
      problems.push({
        path: `${path}[${index}]`,
        message: `there is no ${what.slice(0, -1)} ${name}${near === undefined ? '' : `; did you mean "${near}"?`}`,
      });
    });
  document.groups.forEach((group, index) => check(`groups[${index}].users`, 'users', group.users ?? []));
  for (const section of ['grants', 'commandRules'] as const)
    document[section].forEach((one, index) => {
      check(`${section}[${index}].users`, 'users', one.users);
      check(`${section}[${index}].groups`, 'groups', one.groups);
      check(`${section}[${index}].assets`, 'assets', one.assets);
      check(`${section}[${index}].accounts`, 'accounts', one.accounts);
    });
  document.loginRules.forEach((one, index) => {
    check(`loginRules[${index}].users`, 'users', one.users);
    check(`loginRules[${index}].groups`, 'groups', one.groups);
  });
  return problems;
}

/** What there will be when the document is applied. */
async function knownNames(db: StateReader, document: PreparedDocument): Promise<KnownNames> {
  const [users, groups, assets, accounts] = await Promise.all([
    db.selectFrom('users').select(['usernameKey as key', 'username as name']).execute(),
    db.selectFrom('groups').select(['nameKey as key', 'name']).execute(),
    db.selectFrom('assets').select(['nameKey as key', 'name']).execute(),
    db.selectFrom('accounts').select('username').distinct().execute(),
  ]);
  const all = (
    stored: readonly { readonly key: string; readonly name: string }[],
    fresh: readonly string[],
  ): Names =>
    new Map([
      ...stored.map(({ key, name }) => [key, name] as const),
      ...fresh.map((name) => [nameKey(name), name] as const),
    ]);
  return {
    users: all(
      users,
      document.users.map(({ input }) => input.username),
    ),
    groups: all(
      groups,
      document.groups.map((one) => one.name),
    ),
    assets: all(
      assets,
      document.assets.map(({ input }) => input.name),
    ),
    accounts: new Map(
      [
        ...accounts.map((one) => one.username),
        ...document.assets.flatMap(({ input }) => input.accounts.map((one) => one.username)),
      ].map((name) => [name, name]),
    ),
  };
}
