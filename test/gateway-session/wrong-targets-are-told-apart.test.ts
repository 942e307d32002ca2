import { afterAll, beforeAll, expect, test } from 'vitest';
import { newId } from '#lib/ids.ts';
import { GRANT, openBed, type Bed } from './bed.ts';
import { ssh } from './run-ssh.ts';
import { startSshd } from '../testbed/sshd.ts';

let bed: Bed;
beforeAll(async () => {
  bed = await openBed({ grants: [{ ...GRANT, assets: ['*'] }] });
});
afterAll(() => bed[Symbol.asyncDispose]());

test('an asset that does not exist and one without a grant look the same', async () => {
  const missing = await ssh([...bed.ssh('alice@root@nowhere'), 'true']);
  const forbidden = await ssh([...bed.ssh(`bob@${bed.sshd.account}@web01`), 'true']);
  expect(missing.code).toBe(255);
  expect(missing.stderr).toBe(
    'You have no access to root@nowhere. Ask an administrator for a grant, or check the name.\n',
  );
  expect(forbidden.code).toBe(255);
  expect(forbidden.stderr).toBe(missing.stderr.replace('nowhere', 'web01'));
  const refused = await bed.event('session.refused', (event) => event.user === 'bob');
  expect(refused.data).toMatchObject({ code: 'no_grant', askedAsset: 'web01' });
});

test('an account without a credential', async () => {
  await using other = await openBed();
  await other.storage.state.transact(async (tx) => {
    await tx.updateTable('accounts').set({ secretKind: 'none', sealed: null }).execute();
  });
  const done = await ssh([...other.ssh(`alice@${other.sshd.account}@web01`), 'true']);
  expect(done.stderr).toContain('No credential is stored for');
  expect(done.code).toBe(255);
  const failed = await other.event('session.failed');
  expect(failed.data).toMatchObject({ code: 'no_secret' });
});

test.each([
  ['a name that does not resolve', 'no.such.host.invalid', 22, /cannot be resolved/],
  ['a port where nothing listens', '127.0.0.1', 1, /refused the connection/],
])('%s', async (_what, address, port, message) => {
  await using other = await openBed();
  await other.storage.state.transact(async (tx) => {
    await tx.updateTable('assets').set({ address, port }).execute();
  });
  const done = await ssh([...other.ssh(`alice@${other.sshd.account}@web01`), 'true']);
  expect(done.stderr).toMatch(message);
  expect(done.code).toBe(255);
  const row = await other.storage.state.reader.selectFrom('sessions').selectAll().executeTakeFirstOrThrow();
  await other.event('session.ended', (event) => event.session === row.id);
});

test('an asset with another key than the pinned one is refused, and that is an alarm', async () => {
  await using other = await openBed();
  const target = `alice@${other.sshd.account}@web01`;
  expect((await ssh([...other.ssh(target), 'true'])).code).toBe(0);
  await other.sshd.replaceHostKey();
  const done = await ssh([...other.ssh(target), 'true']);
  expect(done.stderr).toContain('THE HOST KEY OF web01 HAS CHANGED');
  expect(done.code).toBe(255);
  const event = await other.event('asset.host_key_changed');
  expect(event).toMatchObject({ severity: 'critical', asset: 'web01', user: 'alice' });
});

test('an asset without a pinned key is refused', async () => {
  await using other = await openBed({ hostKey: null });
  const done = await ssh([...other.ssh(`alice@${other.sshd.account}@web01`), 'true']);
  expect(done.stderr).toContain('is not known to the gateway');
  expect(done.code).toBe(255);
});

test('trust on first use pins the key, and holds on to it', async () => {
  await using other = await openBed({ hostKey: null, trustOnFirstUse: true });
  const target = `alice@${other.sshd.account}@web01`;
  expect((await ssh([...other.ssh(target), 'true'])).code).toBe(0);
  await other.event('asset.host_key_pinned');
  const key = await other.storage.state.reader
    .selectFrom('asset_host_keys')
    .selectAll()
    .executeTakeFirstOrThrow();
  expect(other.sshd.hostKey).toContain(key.blob);
  expect(key.origin).toBe('first-use');
  await other.sshd.replaceHostKey();
  expect((await ssh([...other.ssh(target), 'true'])).stderr).toContain('HAS CHANGED');
});

test('an asset that does not take the credential', async () => {
  await using stranger = await startSshd();
  await using other = await openBed({ hostKey: stranger.hostKey });
  await other.storage.state.transact(async (tx) => {
    await tx.updateTable('assets').set({ port: stranger.port }).execute();
  });
  const done = await ssh([...other.ssh(`alice@${other.sshd.account}@web01`), 'true']);
  expect(done.stderr).toContain('did not accept the stored credential');
  expect(done.code).toBe(255);
});

test('a sealed secret works for its own account only', async () => {
  await using other = await openBed({ grants: [{ ...GRANT, assets: ['*'] }] });
  const before = await ssh([...other.ssh(`alice@${other.sshd.account}@web01`), 'true']);
  expect(before.code).toBe(0);
  await other.storage.state.transact(async (tx) => {
    await tx.updateTable('accounts').set({ id: newId() }).execute();
  });
  const done = await ssh([...other.ssh(`alice@${other.sshd.account}@web01`), 'true']);
  expect(done.stderr).toContain('cannot be opened');
});
