import { expect, test } from 'vitest';
import { startLoop, type LoopBed } from './loop-bed.ts';

/** Everything that a trial could have changed. */
async function everything(bed: LoopBed): Promise<unknown> {
  const db = bed.storage.state.reader;
  return {
    locks: await db.selectFrom('locks').selectAll().execute(),
    actions: await db.selectFrom('actions').selectAll().execute(),
    offenses: await db.selectFrom('offenses').selectAll().execute(),
    timeline: await db.selectFrom('timeline').selectAll().execute(),
    users: await db.selectFrom('users').selectAll().execute(),
    sessions: bed.node.sessions().map((session) => session.id),
    head: (await bed.settled()).length,
  };
}

const user = 'Alice Li(alice)';

test('a trial tells what is there and what would be done, and changes nothing', async () => {
  await using bed = await startLoop();
  await bed.addUser('alice');
  bed.node.open('alice', 'web01');
  bed.node.open('alice', 'db01');
  const before = await everything(bed);
  const lock = await bed.trials.run({ name: 'lock', set: { user, mode: 'freeze' }, send: false });
  expect(lock).toMatchObject({
    target: 'gateway:alice',
    before: { locks: [], sessions: [{ asset: 'web01', channels: ['shell'] }, { asset: 'db01' }] },
    state: 'shadowed',
    summary: 'alice would have been locked (freeze)',
    objections: [],
    mail: null,
    sent: null,
  });
  const cut = await bed.trials.run({ name: 'terminate', set: { user }, send: false });
  expect(cut.summary).toBe('2 sessions of alice would have been cut');
  const mail = await bed.trials.run({ name: 'mail', set: { user, to: 'person' }, send: false });
  expect(mail.mail).toMatchObject({ to: ['alice@example.test'], subject: expect.stringMatching(/^TEST: /) });
  expect(await everything(bed)).toEqual(before);
  expect(bed.mailbox.mails).toEqual([]);
});

test('every guard that would downgrade is named', async () => {
  await using bed = await startLoop({ breakGlassUsers: ['alice'], lockoutsPer10Minutes: 0 });
  await bed.addUser('alice', { roles: ['admin'] });
  const { objections } = await bed.trials.run({ name: 'lock', set: { user }, send: false });
  expect(objections.map((one) => one.guard)).toEqual(['last-admin', 'break-glass', 'budget']);
});

test('a mail is rendered and, when asked, sent: marked as a test, and nothing else happens', async () => {
  await using bed = await startLoop();
  await bed.addUser('alice');
  const before = await everything(bed);
  const trial = await bed.trials.run({ name: 'mail', set: { user, to: 'responders' }, send: true });
  expect(trial.sent).toMatch(/^250 /);
  const mail = await bed.mailbox.waitFor((one) => one.to.includes('security@example.test'));
  expect(mail.subject).toBe(
    'TEST: [Portcullis] Offense 0: An offense that is made up (gateway:alice, episode 1)',
  );
  expect(mail.text).toContain('THIS IS A TEST');
  expect(await everything(bed)).toEqual(before);
});

test.each([
  ['lock', {}, 'set.user'],
  ['lock', { user: 'nobody-such' }, 'set.user'],
  ['lock', { user, mode: 'gently' }, 'mode'],
  ['lock', { user, colour: 'red' }, 'colour'],
  ['mail', { user }, 'to'],
  ['detonate', { user }, 'name'],
] as const)('%s with %o is a mistake at %s', async (name, set, path) => {
  await using bed = await startLoop();
  await bed.addUser('alice');
  await expect(bed.trials.run({ name, set, send: false })).rejects.toMatchObject({
    code: 'E_INPUT',
    problems: [expect.objectContaining({ path: expect.stringContaining(path) })],
  });
});
