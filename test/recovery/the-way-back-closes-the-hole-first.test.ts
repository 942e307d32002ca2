import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { toBase32 } from '#identity/base32.ts';
import { enrolSecondFactor, newTotpSecret } from '#identity/enrolment.ts';
import { createSecondFactors } from '#identity/second-factors.ts';
import { Secret } from '#lib/secret.ts';
import { newId } from '#lib/ids.ts';
import { insertToken } from '#state/token-writer.ts';
import { openVault } from '#vault/open-vault.ts';
import { authenticatorCode } from '#main/demo/authenticator.ts';
import { ON_LEAVE, startLoop, type LoopBed } from '../loop/loop-bed.ts';

const LINK = /http:\/\/127\.0\.0\.1:8080\/recover\/([\w-]{43})/;
const NEW_PASSWORD = new Secret('a long new pass phrase');
const choice = { password: NEW_PASSWORD, address: '203.0.113.7', code: null };

async function addCredentials(bed: LoopBed, userId: string): Promise<void> {
  const now = Date.now();
  await bed.storage.state.transact(async (tx) => {
    for (const name of ['laptop', 'thief'])
      await tx
        .insertInto('user_keys')
        .values({
          id: newId(),
          userId,
          algorithm: 'ssh-ed25519',
          fingerprint: `SHA256:${name}`,
          blob: name,
          comment: name,
          suspended: 0,
          createdAt: now,
        })
        .execute();
    await insertToken(tx, { id: newId(), userId, name: 'script', hash: 'h1', expiresAt: null }, now);
    await tx
      .insertInto('web_sessions')
      .values({
        id: newId(),
        userId,
        hash: 'h2',
        address: '203.0.113.7',
        createdAt: now,
        expiresAt: now + 1e6,
        endedAt: null,
      })
      .execute();
  });
}

async function credentials(bed: LoopBed, userId: string): Promise<Record<string, unknown>> {
  const db = bed.storage.state.reader;
  const user = await db.selectFrom('users').selectAll().where('id', '=', userId).executeTakeFirstOrThrow();
  const keys = await db
    .selectFrom('user_keys')
    .selectAll()
    .where('userId', '=', userId)
    .orderBy('comment')
    .execute();
  const tokens = await db.selectFrom('tokens').selectAll().where('userId', '=', userId).execute();
  const web = await db.selectFrom('web_sessions').selectAll().where('userId', '=', userId).execute();
  return {
    password: user.passwordHash,
    keys: keys.map((key) => `${key.comment} ${key.suspended === 1 ? 'suspended' : 'live'}`),
    tokens: tokens.filter((token) => token.revokedAt === null).length,
    web: web.filter((session) => session.endedAt === null).length,
  };
}

const linkOf = (text: string): Secret => new Secret(LINK.exec(text)?.[1] ?? '');
const mailed = async (bed: LoopBed): Promise<Secret> =>
  linkOf((await bed.mailbox.waitFor((mail) => LINK.test(mail.text))).text);

test('kill, mail, set, lift: what an intruder held is dead at every step, and the rule is armed again', async () => {
  await using bed = await startLoop();
  const alice = await bed.addUser('alice');
  await addCredentials(bed, alice);
  await bed.deny('alice', 3);
  await bed.settled();

  const recovery = await bed.recovery.start('Alice', 'carol');
  expect(recovery).toMatchObject({
    username: 'alice',
    state: 'link_mailed',
    mailAddress: 'alice@example.test',
    requestedBy: 'carol',
  });
  expect(recovery.steps.map((step) => `${step.name} ${step.state}`)).toEqual([
    'kill-credentials done',
    'cut-sessions done',
    'mail-link done',
    'set-password pending',
    'enrol-second-factor pending',
    'lift-locks pending',
  ]);
  const dead = { password: null, keys: ['laptop suspended', 'thief suspended'], tokens: 0, web: 0 };
  expect(await credentials(bed, alice)).toEqual(dead);
  expect(await bed.locks.inForce()).toHaveLength(1);

  const link = await mailed(bed);
  const seen = await bed.recovery.findLink(link);
  expect(seen).toMatchObject({ username: 'alice', language: 'en' });
  expect(await bed.recovery.findLink(link)).toEqual(seen);
  expect(await credentials(bed, alice)).toEqual(dead);

  const laptop = seen?.keys.find((key) => key.comment === 'laptop');
  await bed.recovery.completeRecovery(link, { ...choice, keepKeys: [laptop?.id ?? ''] });
  expect(await credentials(bed, alice)).toEqual({
    password: 'hash of a long new pass phrase',
    keys: ['laptop live', 'thief suspended'],
    tokens: 0,
    web: 0,
  });
  expect(await bed.locks.inForce()).toEqual([]);
  expect(bed.node.open('alice')).toBe(true);
  expect(await bed.offenses.list({ limit: 1 })).toMatchObject([{ status: 'closed' }]);
  await expect(bed.recovery.completeRecovery(link, choice)).rejects.toMatchObject({ code: 'E_LINK_INVALID' });
  expect((await bed.recovery.latest('alice'))?.state).toBe('completed');

  await bed.deny('alice', 3);
  await bed.settled();
  expect(await bed.offenses.list({ limit: 1 })).toMatchObject([{ status: 'open', episode: 2 }]);
  expect(bed.node.sessions()).toEqual([]);
});

test('the link goes to the address as it stood before the episode', async () => {
  await using bed = await startLoop();
  const alice = await bed.addUser('alice');
  await bed.deny('alice', 3);
  await bed.settled();
  await bed.storage.state.transact((tx) =>
    tx.updateTable('users').set({ email: 'thief@example.test' }).where('id', '=', alice).execute(),
  );
  await bed.recovery.start('alice', 'carol');
  const mail = await bed.mailbox.waitFor((one) => LINK.test(one.text));
  expect(mail.to).toEqual(['alice@example.test']);
});

test('a new link kills the old one, and a cancelled recovery has none', async () => {
  await using bed = await startLoop();
  await bed.addUser('alice');
  await bed.recovery.start('alice', 'carol');
  const first = await mailed(bed);
  await bed.recovery.start('alice', 'carol');
  const second = linkOf(bed.mailbox.mails.filter((mail) => LINK.test(mail.text))[1]?.text ?? '');
  expect(await bed.recovery.findLink(first)).toBeUndefined();
  await expect(bed.recovery.completeRecovery(first, choice)).rejects.toMatchObject({
    code: 'E_LINK_INVALID',
  });
  expect(await bed.recovery.findLink(second)).toBeDefined();
  const latest = await bed.recovery.latest('alice');
  expect(await bed.recovery.cancel(latest?.id ?? '', 'carol')).toBe(true);
  expect(await bed.recovery.findLink(second)).toBeUndefined();
  expect(await bed.recovery.cancel(latest?.id ?? '', 'carol')).toBe(false);
});

test('a link is good for an hour, once, even when two try it at the same moment', async () => {
  let aheadMs = 0;
  await using bed = await startLoop({ clock: () => Date.now() + aheadMs });
  await bed.addUser('alice');
  await bed.recovery.start('alice', 'carol');
  const link = await mailed(bed);
  aheadMs = 3_601_000;
  await expect(bed.recovery.completeRecovery(link, choice)).rejects.toMatchObject({ code: 'E_LINK_INVALID' });
  aheadMs = 0;
  const both = await Promise.allSettled([
    bed.recovery.completeRecovery(link, choice),
    bed.recovery.completeRecovery(link, choice),
  ]);
  expect(both.map((one) => one.status).sort()).toEqual(['fulfilled', 'rejected']);
});

test('only the digest of a link is kept', async () => {
  await using bed = await startLoop();
  await bed.addUser('alice');
  await bed.recovery.start('alice', 'carol');
  const link = (await mailed(bed)).expose();
  const rows = await bed.storage.state.reader.selectFrom('recovery_links').selectAll().execute();
  expect(rows).toHaveLength(1);
  expect(JSON.stringify(rows)).not.toContain(link);
  const events = await bed.settled();
  expect(JSON.stringify(events)).not.toContain(link);
});

test('refusals come before anything is changed', async () => {
  await using bed = await startLoop();
  const alice = await bed.addUser('alice', { email: null });
  await expect(bed.recovery.start('alice', 'carol')).rejects.toMatchObject({ code: 'E_NO_ADDRESS' });
  await expect(bed.recovery.start('nobody', 'carol')).rejects.toMatchObject({ code: 'E_NOT_FOUND' });
  expect((await credentials(bed, alice))['password']).toBe('old hash');
  await expect(bed.recovery.completeRecovery(new Secret('a'.repeat(43)), choice)).rejects.toMatchObject({
    code: 'E_LINK_INVALID',
  });
});

test('a short password is refused and the link stays good', async () => {
  await using bed = await startLoop();
  await bed.addUser('alice');
  await bed.recovery.start('alice', 'carol');
  const link = await mailed(bed);
  await expect(
    bed.recovery.completeRecovery(link, { ...choice, password: new Secret('short') }),
  ).rejects.toMatchObject({ code: 'E_INPUT' });
  expect(await bed.recovery.findLink(link)).toBeDefined();
});

test('a lock that a person had set stays after the recovery', async () => {
  await using bed = await startLoop();
  await bed.addUser('alice');
  await bed.locks.add(ON_LEAVE);
  await bed.deny('alice', 3);
  await bed.settled();
  await bed.recovery.start('alice', 'carol');
  await bed.recovery.completeRecovery(await mailed(bed), choice);
  expect((await bed.locks.inForce()).map((lock) => lock.reason)).toEqual(['on leave']);
});

test('a mail server that is down: the credentials are dead, the reason is shown, and the link comes later', async () => {
  let aheadMs = 0;
  await using bed = await startLoop({ mailPort: 1, clock: () => Date.now() + aheadMs });
  const alice = await bed.addUser('alice');
  const recovery = await bed.recovery.start('alice', 'carol');
  expect(recovery.state).toBe('started');
  const step = recovery.steps.find((one) => one.name === 'mail-link');
  expect(step).toMatchObject({
    state: 'failed',
    detail: expect.stringContaining('nothing listens there') as string,
  });
  expect((await credentials(bed, alice))['password']).toBeNull();
  const before = await bed.storage.state.reader.selectFrom('recovery_links').selectAll().execute();
  aheadMs = 31_000;
  await bed.event('mail.failed', (event) => event.data['recovery'] === recovery.id);
  await bed.resumeRecoveries();
  const after = await bed.storage.state.reader.selectFrom('recovery_links').selectAll().execute();
  expect(after.length).toBeGreaterThan(before.length);
  expect(after.filter((row) => row.revokedAt === null)).toHaveLength(1);
});

test('the last administrator is not recovered: a lost mail would leave nobody', async () => {
  await using bed = await startLoop();
  const alice = await bed.addUser('alice', { roles: ['admin'] });
  await addCredentials(bed, alice);
  const before = await credentials(bed, alice);
  await expect(bed.recovery.start('alice', 'carol')).rejects.toMatchObject({ code: 'E_LAST_ADMIN' });
  expect(await credentials(bed, alice)).toEqual(before);
  expect(await bed.recovery.latest('alice')).toBeUndefined();
  await bed.addUser('boris', { roles: ['admin'] });
  expect(await bed.recovery.start('alice', 'carol')).toMatchObject({ state: 'link_mailed' });
  await expect(bed.recovery.start('boris', 'carol')).rejects.toMatchObject({ code: 'E_LAST_ADMIN' });
});

test('with a second person no link is mailed before somebody else has agreed', async () => {
  await using bed = await startLoop({ secondPerson: true });
  const alice = await bed.addUser('alice');
  await addCredentials(bed, alice);
  const started = await bed.recovery.start('alice', 'carol');
  expect(started).toMatchObject({ state: 'started' });
  expect(started.steps.map((step) => `${step.name} ${step.state}`)).toContain('approve pending');
  // The hole is closed at once, whoever agrees later.
  expect(await credentials(bed, alice)).toMatchObject({ password: null, tokens: 0, web: 0 });
  for (const one of ['carol', 'Alice'])
    await expect(bed.recovery.approve('alice', one)).rejects.toMatchObject({ code: 'E_CONFLICT' });
  await bed.resumeRecoveries();
  expect(await bed.storage.state.reader.selectFrom('recovery_links').selectAll().execute()).toEqual([]);
  expect(await bed.recovery.approve('alice', 'dave')).toMatchObject({ state: 'link_mailed' });
  await expect(bed.recovery.approve('alice', 'erin')).rejects.toMatchObject({ code: 'E_CONFLICT' });
  await bed.recovery.completeRecovery(await mailed(bed), choice);
  expect((await bed.recovery.latest('alice'))?.state).toBe('completed');
  await bed.event('recovery.approved', (event) => event.actor === 'dave');
});

test('a lost mail is sent anew, and its link is the only one', async () => {
  let aheadMs = 0;
  await using bed = await startLoop({ clock: () => Date.now() + aheadMs });
  await bed.addUser('alice');
  expect(await bed.recovery.resume('alice')).toBeUndefined();
  await bed.recovery.start('alice', 'carol');
  const first = await mailed(bed);
  await expect(bed.recovery.resume('alice')).rejects.toMatchObject({ code: 'E_RATE_LIMITED' });
  aheadMs = 6 * 60_000;
  expect(await bed.recovery.resume('alice')).toMatchObject({ state: 'link_mailed' });
  const second = linkOf(bed.mailbox.mails.filter((mail) => LINK.test(mail.text))[1]?.text ?? '');
  expect(await bed.recovery.findLink(first)).toBeUndefined();
  expect(await bed.recovery.findLink(second)).toBeDefined();
});

test('so many recoveries an hour, of one user and to one address; what is too much changes nothing', async () => {
  let aheadMs = 0;
  await using bed = await startLoop({ mailsPerHour: 2, clock: () => Date.now() + aheadMs });
  const alice = await bed.addUser('alice');
  const bob = await bed.addUser('bob', { email: 'alice@example.test' });
  await bed.recovery.start('alice', 'carol');
  await bed.recovery.start('alice', 'carol');
  await addCredentials(bed, bob);
  const before = await credentials(bed, bob);
  await expect(bed.recovery.start('alice', 'carol')).rejects.toMatchObject({ code: 'E_RATE_LIMITED' });
  await expect(bed.recovery.start('bob', 'carol')).rejects.toMatchObject({ code: 'E_RATE_LIMITED' });
  expect(await credentials(bed, bob)).toEqual(before);
  expect((await bed.recovery.latest('alice'))?.state).toBe('link_mailed');
  aheadMs = 3_600_001;
  expect(await bed.recovery.start('alice', 'carol')).toMatchObject({ state: 'link_mailed' });
  expect(alice).not.toBe(bob);
});

describe('the second factor', () => {
  const typed = (code: string) => ({ ...choice, code: new Secret(code) });
  async function shown(bed: LoopBed, link: Secret): Promise<{ isDemanded: boolean; secret: string }> {
    const { secondFactor } = (await bed.recovery.findLink(link)) ?? {};
    return { isDemanded: secondFactor?.isDemanded ?? false, secret: secondFactor?.secret.expose() ?? '' };
  }

  test('of whoever had one dies, and access comes back only with another', async () => {
    await using bed = await startLoop();
    const alice = await bed.addUser('alice');
    const vault = await openVault({ keyFile: join(bed.folder, 'master.key'), createIfMissing: false });
    const old = newTotpSecret();
    const oldText = toBase32(old.expose());
    await bed.storage.state.transact((tx, emit) =>
      enrolSecondFactor(
        tx,
        emit,
        vault,
        {
          userId: alice,
          username: 'alice',
          by: 'alice',
          address: null,
          secret: old,
          code: new Secret(authenticatorCode(oldText, Date.now())),
        },
        Date.now(),
      ),
    );
    const factors = createSecondFactors({ state: bed.storage.state, vault, clock: Date.now });
    await bed.recovery.start('alice', 'carol');
    const oldCode = new Secret(authenticatorCode(oldText, Date.now() + 30_000));
    expect(await factors.check({ id: alice, username: 'alice' }, oldCode)).toBe('wrong');

    const link = await mailed(bed);
    const { isDemanded, secret } = await shown(bed, link);
    expect(isDemanded).toBe(true);
    expect(secret.replaceAll(' ', '')).not.toBe(oldText);
    // Whatever is opened again, and after a wrong code, it is the same secret.
    expect(await shown(bed, link)).toEqual({ isDemanded, secret });
    for (const wrong of [choice, typed('000000'), typed(oldCode.expose())])
      await expect(bed.recovery.completeRecovery(link, wrong)).rejects.toMatchObject({
        code: 'E_INPUT',
        problems: [{ path: 'code' }],
      });
    expect((await credentials(bed, alice))['password']).toBeNull();
    const code = authenticatorCode(secret, Date.now());
    expect(await bed.recovery.completeRecovery(link, typed(code))).toHaveLength(10);
    expect(await factors.check({ id: alice, username: 'alice' }, new Secret(code))).toBe('wrong');
    const next = new Secret(authenticatorCode(secret, Date.now() + 30_000));
    expect(await factors.check({ id: alice, username: 'alice' }, next)).toBe('right');
    expect((await bed.recovery.latest('alice'))?.steps.map((step) => step.state)).toEqual(
      Array.from({ length: 6 }, () => 'done'),
    );
  });

  test('that was removed by an earlier recovery is still demanded by the next', async () => {
    await using bed = await startLoop();
    const alice = await bed.addUser('alice');
    await bed.storage.state.transact((tx) =>
      tx
        .insertInto('second_factors')
        .values({ userId: alice, sealed: 'x', lastStep: 0, enrolledAt: 0 })
        .execute(),
    );
    await bed.recovery.start('alice', 'carol');
    await bed.recovery.start('alice', 'carol');
    const link = linkOf(bed.mailbox.mails.filter((mail) => LINK.test(mail.text))[1]?.text ?? '');
    expect((await shown(bed, link)).isDemanded).toBe(true);
  });

  test('is offered to whoever had none, and demanded where policy demands one', async () => {
    await using bed = await startLoop();
    const alice = await bed.addUser('alice');
    await bed.recovery.start('alice', 'carol');
    const link = await mailed(bed);
    expect((await shown(bed, link)).isDemanded).toBe(false);
    await bed.storage.state.transact((tx) =>
      tx.updateTable('users').set({ secondFactor: 1 }).where('id', '=', alice).execute(),
    );
    expect((await shown(bed, link)).isDemanded).toBe(true);
    await expect(bed.recovery.completeRecovery(link, choice)).rejects.toMatchObject({ code: 'E_INPUT' });
  });
});
