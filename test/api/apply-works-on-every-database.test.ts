import { afterAll, describe, expect, test } from 'vitest';
import { LOCAL_ADMINISTRATOR } from '#api/access/caller.ts';
import { applyDocument } from '#api/apply/apply-document.ts';
import { ApplyDocument } from '#contract/apply-document.ts';
import { createPasswords } from '#identity/passwords.ts';
import { issueToken } from '#identity/tokens.ts';
import { Secret } from '#lib/secret.ts';
import { readAssetViews } from '#state/asset-view-reader.ts';
import { deleteAsset } from '#state/asset-writer.ts';
import { readGroups } from '#state/group-reader.ts';
import { deleteGroup } from '#state/group-writer.ts';
import { readCommandRules, readGrants, readLoginRules } from '#state/policy-reader.ts';
import { deletePolicy } from '#state/policy-writer.ts';
import { readOffenseViews } from '#state/offense-view-reader.ts';
import { readSessions } from '#state/session-reader.ts';
import type { State } from '#state/state.ts';
import { findTokenByHash, readTokens } from '#state/token-reader.ts';
import { insertToken, revokeUserTokens, touchToken } from '#state/token-writer.ts';
import { readActiveAdmins, readUserViews } from '#state/user-view-reader.ts';
import { deleteUser } from '#state/user-writer.ts';
import { openVault } from '#vault/open-vault.ts';
import { stateBackends } from '../state/backends.ts';

const { backends, close } = await stateBackends();
afterAll(close);

const document = ApplyDocument.parse({
  users: [
    { username: 'Alice', name: '李雷', email: 'alice@example.test', password: 'x' },
    { username: 'automation', kind: 'service', roles: ['admin'] },
  ],
  groups: [{ name: 'developers', users: ['alice'] }],
  assets: [{ name: 'web01', address: '127.0.0.1', accounts: [{ username: 'root', password: 'secret' }] }],
  grants: [{ name: 'g', groups: ['developers'], assets: ['*'], accounts: ['root'], actions: ['shell'] }],
  loginRules: [{ name: 'l', addresses: ['10.0.0.0/8'], action: 'block' }],
  commandRules: [{ name: 'c', kind: 'program', patterns: ['su'], verdict: 'warn', message: 'careful' }],
});

async function apply(state: State): Promise<Awaited<ReturnType<typeof applyDocument>>> {
  const masterKey = new Secret(Buffer.alloc(32, 7).toString('base64'));
  const vault = await openVault({ keyFile: '/nonexistent', masterKey, createIfMissing: false });
  const passwords = createPasswords({ cost: { memoryKiB: 8, passes: 1, lanes: 1 } });
  const policy = { policyChanged: () => undefined, current: () => Promise.reject(new Error('not asked')) };
  return applyDocument(
    { state, vault, passwords, policy, clock: () => 1_000 },
    document,
    LOCAL_ADMINISTRATOR,
  );
}

describe.each(backends)('$name', (backend) => {
  test('a document is applied twice, and what is there reads back', async () => {
    await using opened = await backend.open();
    const { state } = opened;
    expect((await apply(state)).created).toHaveLength(8);
    expect(await apply(state)).toMatchObject({ created: [], updated: [] });
    const db = state.reader;
    expect(await readUserViews(db, 1_000, 'ALICE')).toMatchObject([
      {
        username: 'Alice',
        name: '李雷',
        groups: ['developers'],
        roles: ['user'],
        isActive: true,
        hasPassword: true,
      },
    ]);
    expect(await readActiveAdmins(db, 1_000)).toEqual(['automation']);
    expect(await readGroups(db)).toEqual([
      { name: 'developers', users: ['Alice'], secondFactor: false, createdAt: 1_000 },
    ]);
    expect(await readAssetViews(db, 'WEB01')).toMatchObject([
      {
        name: 'web01',
        port: 22,
        trustOnFirstUse: false,
        accounts: [{ username: 'root', secret: 'password' }],
      },
    ]);
    expect(await readGrants(db)).toEqual(document.grants);
    expect(await readLoginRules(db)).toEqual(document.loginRules);
    expect(await readCommandRules(db)).toEqual(document.commandRules);
    expect(await readSessions(db, { limit: 5, asset: 'web01', ended: true, sinceMs: 1 })).toEqual([]);
    expect(await readOffenseViews(db, { limit: 5, status: 'open', entity: 'gateway:alice' })).toEqual([]);
  });

  test('tokens and what belongs to somebody go with them', async () => {
    await using opened = await backend.open();
    const { state } = opened;
    await apply(state);
    const [alice] = await readUserViews(state.reader, 1_000, 'alice');
    const { hash } = issueToken();
    const userId = alice?.id ?? '';
    await state.transact(async (tx) => {
      await insertToken(tx, { id: '1', userId, name: 'a', hash, expiresAt: 2_000 }, 1_000);
      await insertToken(tx, { id: '2', userId, name: 'b', hash: 'other', expiresAt: null }, 1_000);
      await touchToken(tx, '1', 1_500);
    });
    expect(await findTokenByHash(state.reader, hash)).toMatchObject({ username: 'Alice', lastUsedAt: 1_500 });
    expect((await readTokens(state.reader, 1_999, userId)).map((one) => one.id)).toEqual(['2', '1']);
    expect((await readTokens(state.reader, 2_000)).map((one) => one.id)).toEqual(['2']);
    expect(await state.transact((tx) => revokeUserTokens(tx, userId, 1_600))).toEqual({
      tokens: 2,
      webSessions: 0,
    });
    expect(await readTokens(state.reader, 1_700)).toEqual([]);
    const [asset] = await state.reader.selectFrom('assets').select('id').execute();
    await state.transact(async (tx) => {
      await deleteUser(tx, userId);
      await deleteAsset(tx, asset?.id ?? '');
      expect(await deleteGroup(tx, 'Developers')).toBe(true);
      expect(await deleteGroup(tx, 'developers')).toBe(false);
      expect(await deletePolicy(tx, 'grants', 'G')).toBe(true);
      expect(await deletePolicy(tx, 'grants', 'g')).toBe(false);
    });
    for (const table of ['tokens', 'group_users', 'accounts', 'grants'] as const)
      expect(await state.reader.selectFrom(table).selectAll().execute()).toEqual([]);
    const settings = await state.reader.selectFrom('settings').select('key').execute();
    expect(settings.filter(({ key }) => key.startsWith('applied-password.'))).toEqual([]);
  });
});
