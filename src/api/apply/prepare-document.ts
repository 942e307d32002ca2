import ssh2 from 'ssh2';
import type { ApplyDocument, GroupInput, UserInput } from '#contract/apply-document.ts';
import type { Problem } from '#contract/errors.ts';
import { nameKey } from '#contract/names.ts';
import type { AccountInput, AssetInput } from '#contract/resources/asset.ts';
import { checkCommandRules } from '#domain/command/check-rule.ts';
import { parseIpRange } from '#lib/ip.ts';
import type { HostKey } from '#state/asset-writer.ts';
import type { NewUserKey } from '#state/user-writer.ts';
import { readHostKeys, readPublicKeys } from './read-keys.ts';

export interface PreparedUser {
  readonly input: UserInput;
  readonly path: string;
  /** Undefined when the document says nothing about keys. */
  readonly keys: readonly NewUserKey[] | undefined;
}

export interface PreparedAsset {
  readonly input: AssetInput;
  readonly path: string;
  readonly hostKeys: readonly HostKey[] | undefined;
}

export interface PreparedDocument {
  readonly users: readonly PreparedUser[];
  readonly groups: readonly GroupInput[];
  readonly assets: readonly PreparedAsset[];
  readonly grants: ApplyDocument['grants'];
  readonly loginRules: ApplyDocument['loginRules'];
  readonly commandRules: ApplyDocument['commandRules'];
}

/** Reads what is text within the document and finds every mistake that needs no look at the database. Pure. */
export function prepareDocument(document: Partial<ApplyDocument>): {
  readonly prepared: PreparedDocument;
  readonly problems: readonly Problem[];
} {
  const { users = [], groups = [], assets = [], grants = [], loginRules = [], commandRules = [] } = document;
  const problems: Problem[] = [
    ...duplicates(
      'users',
      users.map((one) => one.username),
      'username',
    ),
    ...duplicates(
      'groups',
      groups.map((one) => one.name),
    ),
    ...duplicates(
      'assets',
      assets.map((one) => one.name),
    ),
    ...duplicates(
      'grants',
      grants.map((one) => one.name),
    ),
    ...duplicates(
      'loginRules',
      loginRules.map((one) => one.name),
    ),
    ...duplicates(
      'commandRules',
      commandRules.map((one) => one.name),
    ),
  ];

  const preparedUsers = users.map((input, index): PreparedUser => {
    const path = `users[${index}]`;
    problems.push(...refuseFiles(path, { passwordFile: input.passwordFile }));
    if (input.publicKeys === undefined) return { input, path, keys: undefined };
    const read = readPublicKeys(input.publicKeys, `${path}.publicKeys`);
    problems.push(...read.problems);
    return { input, path, keys: read.keys };
  });
  const preparedAssets = assets.map((input, index): PreparedAsset => {
    const path = `assets[${index}]`;
    problems.push(
      ...duplicates(
        `${path}.accounts`,
        input.accounts.map((one) => one.username),
        'username',
        String,
      ),
    );
    input.accounts.forEach((account, place) =>
      problems.push(...accountProblems(account, `${path}.accounts[${place}]`)),
    );
    if (input.hostKeys === undefined) return { input, path, hostKeys: undefined };
    const read = readHostKeys(input.hostKeys, `${path}.hostKeys`);
    problems.push(...read.problems);
    return { input, path, hostKeys: read.keys };
  });
  grants.forEach((grant, index) => {
    if (grant.users.length === 0 && grant.groups.length === 0)
      problems.push({ path: `grants[${index}]`, message: 'names neither users nor groups' });
  });
  loginRules.forEach((rule, index) =>
    rule.addresses.forEach((address, place) => {
      if (parseIpRange(address) === undefined)
        problems.push({
          path: `loginRules[${index}].addresses[${place}]`,
          message: 'must be an IP address or a range such as 10.0.0.0/8',
        });
    }),
  );
  problems.push(...checkCommandRules(commandRules));
  return {
    prepared: { users: preparedUsers, groups, assets: preparedAssets, grants, loginRules, commandRules },
    problems,
  };
}

function duplicates(
  path: string,
  names: readonly string[],
  field = 'name',
  key: (name: string) => string = nameKey,
): readonly Problem[] {
  const seen = new Map<string, number>();
  return names.flatMap((name, index) => {
    const first = seen.get(key(name));
    seen.set(key(name), first ?? index);
    return first === undefined
      ? []
      : [{ path: `${path}[${index}].${field}`, message: `${name} is already at ${path}[${first}]` }];
  });
}

function refuseFiles(path: string, fields: Readonly<Record<string, string | undefined>>): readonly Problem[] {
  return Object.entries(fields).flatMap(([name, value]) =>
    value === undefined
      ? []
      : [{ path: `${path}.${name}`, message: 'is read by the command line only; send the content instead' }],
  );
}

function accountProblems(account: AccountInput, path: string): readonly Problem[] {
  const { passwordFile, privateKeyFile, privateKey } = account;
  const problems = [...refuseFiles(path, { passwordFile, privateKeyFile })];
  if (privateKey !== undefined) {
    const message = privateKeyProblem(privateKey);
    if (message !== undefined) problems.push({ path: `${path}.privateKey`, message });
  }
  return problems;
}

/** Why the key cannot log in anywhere. Never contains a part of the key. */
function privateKeyProblem(text: string): string | undefined {
  const parsed = ssh2.utils.parseKey(text);
  if (parsed instanceof Error)
    return /encrypted/i.test(parsed.message)
      ? 'is protected by a passphrase; remove it first: ssh-keygen -p -N "" -f FILE'
      : 'is not a private key in OpenSSH or PEM form';
  const [key] = Array.isArray(parsed) ? parsed : [parsed];
  return key?.isPrivateKey() === true ? undefined : 'is a public key; the private key is needed';
}
