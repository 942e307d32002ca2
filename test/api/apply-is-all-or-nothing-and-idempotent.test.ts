import { afterEach, beforeEach, expect, test } from 'vitest';
import { generateKey } from '#gateway/ssh/generate-key.ts';
import { Secret } from '#lib/secret.ts';
import { setPasswordHash } from '#state/user-writer.ts';
import { type ApiBed, createApiBed } from './api-bed.ts';

let bed: ApiBed;
beforeEach(async () => {
  bed = await createApiBed();
});
afterEach(() => bed[Symbol.asyncDispose]());

const keys = generateKey('ed25519');
const other = generateKey('ed25519');

const document = {
  users: [
    {
      username: 'alice',
      name: 'Alice Li',
      email: 'alice@example.test',
      password: 'pw of alice',
      publicKeys: [keys.public],
    },
    { username: 'siem-automation', kind: 'service', roles: ['admin'] },
  ],
  groups: [{ name: 'developers', users: ['Alice'] }],
  assets: [
    {
      name: 'web01',
      address: '127.0.0.1',
      port: 2200,
      hostKeys: [`web01.example.test ${other.public}`],
      accounts: [
        { username: 'root', privateKey: keys.private },
        { username: 'app', password: 'secret of app' },
      ],
    },
  ],
  grants: [
    { name: 'dev-web', groups: ['developers'], assets: ['web01'], accounts: ['root'], actions: ['shell'] },
  ],
  loginRules: [{ name: 'office', addresses: ['10.0.0.0/8'], action: 'allow' }],
  commandRules: [{ name: 'no-su', kind: 'program', patterns: ['su', 'passwd'], verdict: 'deny' }],
};

const names = (list: unknown): string[] =>
  (list as { kind: string; name: string }[]).map((one) => `${one.kind} ${one.name}`);

const ALL = [
  'user alice',
  'user siem-automation',
  'group developers',
  'asset web01',
  'account root@web01',
  'account app@web01',
  'grant dev-web',
  'login-rule office',
  'command-rule no-su',
];

const apply = (body: unknown, query = '') => bed.local('POST', `/v1/apply${query}`, body);

async function problems(body: unknown): Promise<string[]> {
  const answer = await apply(body);
  expect(answer.status).toBe(400);
  const { error } = answer.body as unknown as { error: { problems: { path: string; message: string }[] } };
  return error.problems.map((one) => `${one.path}: ${one.message}`);
}

test('the first run creates everything, the second changes nothing', async () => {
  const first = await apply(document);
  expect(first.status).toBe(200);
  expect(names(first.body['created'])).toEqual(ALL);
  const before = (await bed.events()).length;
  const second = await apply(document);
  expect(second.body).toMatchObject({ created: [], updated: [] });
  expect(names(second.body['unchanged'])).toEqual(ALL);
  expect((await bed.events()).length).toBe(before);
});

test('a command rule for groups or roles is about nobody else, and never about nobody', async () => {
  const about = (who: object) => ({ commandRules: [{ ...document.commandRules[0], ...who }] });
  await apply({ ...document, ...about({ roles: ['auditor'] }) });
  expect((await bed.local('GET', '/v1/command-rules/no-su')).body).toMatchObject({
    users: [],
    groups: [],
    roles: ['auditor'],
  });
  const again = await apply(about({ roles: ['auditor'] }));
  expect(names(again.body['unchanged'])).toEqual(['command-rule no-su']);
  expect(await problems(about({ users: [] }))).toEqual([
    'commandRules[0]: names neither users nor groups nor roles',
  ]);
});

test('what was created is there, and secrets are only sealed', async () => {
  await apply(document);
  expect((await bed.local('GET', '/v1/users/alice')).body).toMatchObject({
    username: 'alice',
    groups: ['developers'],
    roles: ['user'],
    hasPassword: true,
    isActive: true,
  });
  const asset = await bed.local('GET', '/v1/assets/web01');
  expect(asset.body).toMatchObject({
    hostKeys: [{ algorithm: 'ssh-ed25519', key: other.public.split(' ')[1], origin: 'configured' }],
    accounts: [
      { username: 'app', secret: 'password' },
      { username: 'root', secret: 'privateKey' },
    ],
  });
  const dump = JSON.stringify([
    await bed.services.state.reader.selectFrom('accounts').selectAll().execute(),
    await bed.services.state.reader.selectFrom('users').selectAll().execute(),
    await bed.events(),
    asset.text,
  ]);
  for (const secret of ['pw of alice', 'secret of app', 'PRIVATE KEY']) expect(dump).not.toContain(secret);
});

test('every change is an event with its author, and one bad object leaves no trace of the good ones', async () => {
  await apply(document);
  const created = (await bed.events()).filter((one) => one.type === 'object.created');
  expect(created.map((one) => one.actor)).toEqual(ALL.map(() => 'local'));
  expect(names(created.map((one) => one.data))).toEqual(ALL);
  const before = (await bed.events()).length;
  expect(
    await problems({
      users: [{ username: 'carol' }],
      grants: [{ name: 'x', users: ['carlo'], assets: ['web1'], accounts: ['roto'], actions: ['shell'] }],
    }),
  ).toEqual([
    'grants[0].users[0]: there is no user carlo; did you mean "carol"?',
    'grants[0].assets[0]: there is no asset web1; did you mean "web01"?',
    'grants[0].accounts[0]: there is no account roto; did you mean "root"?',
  ]);
  expect((await bed.local('GET', '/v1/users/carol')).status).toBe(404);
  expect((await bed.events()).length).toBe(before);
});

test('all mistakes of a document are told at once', async () => {
  expect(
    await problems({
      users: [
        { username: 'alice', passwordFile: './pw', publicKeys: ['ssh-ed25519 garbage'] },
        { username: 'Alice' },
      ],
      assets: [
        {
          name: 'a',
          address: 'h',
          hostKeys: ['not a key'],
          accounts: [
            { username: 'root', privateKey: 'nonsense' },
            { username: 'root', privateKeyFile: './k' },
            { username: 'pub', privateKey: keys.public },
          ],
        },
      ],
      grants: [{ name: 'g', assets: ['*'], accounts: ['*'], actions: ['shell'] }],
      loginRules: [{ name: 'l', addresses: ['10.0.0.0/64'], action: 'block' }],
      commandRules: [{ name: 'c', kind: 'regex', patterns: ['('], verdict: 'deny' }],
    }),
  ).toEqual([
    'users[1].username: Alice is already at users[0]',
    'users[0].passwordFile: is read by the command line only; send the content instead',
    expect.stringMatching(/^users\[0\]\.publicKeys\[0\]: /),
    'assets[0].accounts[1].username: root is already at assets[0].accounts[0]',
    expect.stringMatching(/^assets\[0\]\.accounts\[0\]\.privateKey: is not a private key/),
    'assets[0].accounts[1].privateKeyFile: is read by the command line only; send the content instead',
    expect.stringMatching(/^assets\[0\]\.accounts\[2\]\.privateKey: is a public key/),
    expect.stringMatching(/^assets\[0\]\.hostKeys\[0\]: /),
    'grants[0]: names neither users nor groups',
    expect.stringMatching(/^loginRules\[0\]\.addresses\[0\]: must be an IP address/),
    expect.stringMatching(/^commandRules\[0\]\.patterns\[0\]: /),
  ]);
});

test('the shape is checked first, with paths', async () => {
  expect(await problems({ users: [{ username: 'a b', rolls: ['admin'] }], grant: [] })).toEqual([
    expect.stringMatching(/^users\[0\]\.username: must start with/),
    'users[0].rolls: is not known',
    'grant: is not known',
  ]);
});

test('a dry run says the same and keeps nothing', async () => {
  const dry = await apply(document, '?dryRun=true');
  expect(names(dry.body['created'])).toEqual(ALL);
  expect((await bed.local('GET', '/v1/users')).body.items).toEqual([]);
  expect(await bed.events()).toEqual([]);
});

test('only what differs is updated, and what is left out stays', async () => {
  await apply(document);
  await bed.local('PATCH', '/v1/users/alice', { roles: ['auditor', 'user'], language: 'zh' });
  const changed = await apply({
    users: [{ username: 'alice', name: 'Alice Wong' }],
    assets: [{ name: 'web01', address: '127.0.0.2' }],
  });
  expect(names(changed.body['updated'])).toEqual(['user alice', 'asset web01']);
  expect((await bed.local('GET', '/v1/users/alice')).body).toMatchObject({
    name: 'Alice Wong',
    email: 'alice@example.test',
    roles: ['auditor', 'user'],
    language: 'zh',
    hasPassword: true,
  });
  const asset = await bed.local('GET', '/v1/assets/web01');
  expect(asset.body).toMatchObject({ address: '127.0.0.2', port: 2200 });
  expect(asset.body['hostKeys']).toHaveLength(1);
  expect(asset.body['accounts']).toHaveLength(2);
});

test('a password that a recovery killed does not come back with the next run', async () => {
  await apply(document);
  const { state, passwords, clock } = bed.services;
  const alice = await bed.services.users.find('alice');
  await state.transact((tx) => setPasswordHash(tx, alice?.id ?? '', null, clock()));
  expect(names((await apply(document)).body['unchanged'])).toContain('user alice');
  expect((await bed.services.users.find('alice'))?.passwordHash).toBeNull();

  const changed = { users: [{ username: 'alice', password: 'another password' }] };
  expect(names((await apply(changed)).body['updated'])).toEqual(['user alice']);
  const hash = (await bed.services.users.find('alice'))?.passwordHash ?? null;
  expect(await passwords.verify(new Secret('another password'), hash)).toBe(true);
});

test('a suspended key stays suspended', async () => {
  await apply(document);
  await bed.services.state.transact((tx) => tx.updateTable('user_keys').set({ suspended: 1 }).execute());
  await apply({ users: [{ username: 'alice', publicKeys: [keys.public, other.public] }] });
  const listed = await bed.local('GET', '/v1/users/alice/keys');
  expect(listed.body.items?.map((one) => one['suspended']).sort()).toEqual([false, true]);
  const [first] = await bed.services.state.reader
    .selectFrom('user_keys')
    .select('blob')
    .where('suspended', '=', 1)
    .execute();
  expect(first?.blob).toBe(keys.public.split(' ')[1]);
});

test('the last administrator stays one', async () => {
  await apply(document);
  const answer = await apply({ users: [{ username: 'siem-automation', roles: ['user'] }] });
  expect(answer.status).toBe(409);
  expect(answer.body).toMatchObject({ error: { code: 'E_LAST_ADMIN' } });
  expect((await bed.local('DELETE', '/v1/users/siem-automation')).status).toBe(409);
  expect((await bed.local('POST', '/v1/users/siem-automation/lock')).status).toBe(409);
  expect((await bed.local('GET', '/v1/users/siem-automation')).body).toMatchObject({ roles: ['admin'] });
});

test('a person does not become a service by a slip', async () => {
  await apply(document);
  const answer = await apply({ users: [{ username: 'alice', kind: 'service' }] });
  expect(answer.body).toMatchObject({ error: { code: 'E_CONFLICT', problems: [{ path: 'users[0].kind' }] } });
});
