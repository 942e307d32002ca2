import { expect, test } from 'vitest';
import { startLoop } from './loop-bed.ts';

const of = <T extends { readonly type: string }>(events: readonly T[], type: string): readonly T[] =>
  events.filter((event) => event.type === type);

test('three denials: one offense, one lock, every session cut, both mails', async () => {
  await using bed = await startLoop();
  await bed.addUser('alice');
  await bed.addUser('bob');
  bed.node.open('alice', 'web01');
  bed.node.open('alice', 'db01');
  bed.node.open('bob');
  await bed.deny('alice', 1, { command: 'su -', asset: 'web01' });
  await bed.deny('alice', 1, { command: 'passwd root', asset: 'db01' });
  await bed.deny('bob', 1);
  expect(of(await bed.settled(), 'rule.fired')).toEqual([]);

  await bed.deny('alice', 1, { command: '/bin/su', asset: 'db01' });
  const events = await bed.settled();
  expect(of(events, 'rule.fired')).toHaveLength(1);
  expect(of(events, 'offense.opened')).toMatchObject([
    { user: 'alice', realm: 'gateway', data: { entity: 'gateway:alice', episode: 1 } },
  ]);
  expect(of(events, 'lock.added')).toMatchObject([{ user: 'alice', actor: 'portcullis' }]);
  expect(of(events, 'containment.contained')).toHaveLength(1);
  expect(of(events, 'containment.verified')).toHaveLength(1);
  expect(bed.node.sessions().map((session) => session.username)).toEqual(['bob']);
  expect(bed.node.open('alice')).toBe(false);
  expect(bed.node.open('bob')).toBe(true);

  const [offense] = await bed.offenses.list({ limit: 10 });
  expect(offense).toMatchObject({
    entity: 'gateway:alice',
    status: 'open',
    episode: 1,
    number: 1,
    severity: 'high',
  });
  const detail = await bed.offenses.show('1');
  expect(detail?.evidence.map((one) => one.event.command).sort()).toEqual(['/bin/su', 'passwd root', 'su -']);
  expect(detail?.actions.map((one) => [one.action, one.state])).toEqual([
    ['lock', 'succeeded'],
    ['terminate', 'verified'],
    ['mail', 'succeeded'],
    ['mail', 'succeeded'],
  ]);
  expect(detail?.timeline.slice(0, 3).map((one) => one.kind)).toEqual(['opened', 'fired', 'planned']);

  const report = await bed.mailbox.waitFor((mail) => mail.to.includes('security@example.test'));
  expect(report.subject).toBe(
    '[Portcullis] Offense 1: Rejected privileged command (gateway:alice, episode 1)',
  );
  for (const part of [
    'passwd root',
    'db01',
    '203.0.113.7',
    'alice is locked; 2 sessions were cut',
    'portcullis recover alice',
  ])
    expect(report.text).toContain(part);
  const personal = await bed.mailbox.waitFor((mail) => mail.to.includes('alice@example.test'));
  expect(personal.text).not.toMatch(/https?:/);
  expect(bed.mailbox.mails).toHaveLength(2);
});

test('the fourth and fifth of the same burst: same episode, no second response', async () => {
  await using bed = await startLoop();
  await bed.addUser('alice');
  await bed.deny('alice', 5);
  await bed.settled();
  await bed.deny('alice', 3);
  const events = await bed.settled();
  expect(of(events, 'rule.fired')).toHaveLength(1);
  expect(of(events, 'lock.added')).toHaveLength(1);
  expect(of(events, 'action.planned')).toHaveLength(4);
  expect(bed.mailbox.mails).toHaveLength(2);
  const detail = await bed.offenses.show('1');
  expect(detail?.evidence).toHaveLength(8);
  expect(detail?.episodes).toHaveLength(1);
});

test('the lock removed by hand: three more a moment later are episode 2 with a response of its own', async () => {
  await using bed = await startLoop();
  await bed.addUser('alice');
  await bed.deny('alice', 4);
  await bed.settled();
  const [first] = await bed.locks.inForce();
  await bed.locks.end(first?.id ?? '', { by: 'carol', reason: 'a mistake' });
  expect(bed.node.open('alice')).toBe(true);
  // At once, without waiting for anything: the cut lies where the lock ended, not where somebody notices.
  await bed.deny('alice', 2);
  expect(of(await bed.settled(), 'rule.fired')).toHaveLength(1);
  await bed.deny('alice', 1);
  const events = await bed.settled();
  expect(of(events, 'offense.opened').map((event) => event.data['episode'])).toEqual([1, 2]);
  expect(of(events, 'offense.closed')).toMatchObject([
    { actor: 'carol', data: { reason: 'containment-ended' } },
  ]);
  expect(of(events, 'lock.added')).toHaveLength(2);
  const [offense] = await bed.offenses.list({ limit: 10 });
  expect(offense).toMatchObject({ number: 1, episode: 2, status: 'open' });
  const [second] = await bed.locks.inForce();
  expect(second?.id).not.toBe(first?.id);
  expect(bed.node.open('alice')).toBe(false);
});

test.each([
  ['', 'Episode 1 ended: the containment ended.'],
  ['a mistake', 'Episode 1 ended: the containment ended: a mistake.'],
])('the time line says why a lock was ended, as far as somebody said it: "%s"', async (reason, text) => {
  await using bed = await startLoop();
  await bed.addUser('alice');
  await bed.deny('alice', 3);
  await bed.settled();
  const [lock] = await bed.locks.inForce();
  await bed.locks.end(lock?.id ?? '', { by: 'carol', reason });
  const { timeline } = (await bed.offenses.show('1')) ?? { timeline: [] };
  expect(timeline.filter(({ actor }) => actor === 'carol')).toMatchObject([{ text }]);
});

test('an expired lock ends the episode too', async () => {
  let aheadMs = 0;
  await using bed = await startLoop({ clock: () => Date.now() + aheadMs });
  await bed.addUser('alice');
  await bed.deny('alice', 3);
  await bed.settled();
  const [lock] = await bed.locks.inForce();
  const expiresAt = Date.now() + 60_000;
  await bed.storage.state.transact((tx) =>
    tx
      .updateTable('locks')
      .set({ expiresAt })
      .where('id', '=', lock?.id ?? '')
      .execute(),
  );
  aheadMs = 61_000;
  await bed.event('lock.ended');
  await bed.event('offense.closed');
  expect(await bed.locks.inForce()).toEqual([]);
  expect(await bed.offenses.list({ limit: 1, status: 'open' })).toEqual([]);
});

test('closing an offense re-arms the rule; the lock stays until somebody lifts it', async () => {
  await using bed = await startLoop();
  await bed.addUser('alice');
  await bed.deny('alice', 3);
  await bed.settled();
  const [offense] = await bed.offenses.list({ limit: 1 });
  const how = { by: 'carol', verdict: 'false-positive' as const, comment: 'a training' };
  expect(await bed.offenses.close(offense?.id ?? '', how)).toBe(true);
  expect(await bed.offenses.close(offense?.id ?? '', how)).toBe(false);
  expect(await bed.locks.inForce()).toHaveLength(1);
  await bed.deny('alice', 3);
  const events = await bed.settled();
  expect(of(events, 'offense.opened')).toHaveLength(2);
  expect((await bed.offenses.show('1'))?.verdict).toBeNull();
});

test('quiet ends what nobody contains, and nothing else', async () => {
  await using bed = await startLoop({ quietMs: 1000, withoutResponder: true });
  await bed.addUser('alice');
  await bed.addUser('bob');
  await bed.deny('alice', 3);
  await bed.deny('bob', 3);
  await bed.event('offense.opened', (event) => event.user === 'bob');
  const [bobs] = await bed.offenses.list({ limit: 1, entity: 'gateway:bob' });
  await bed.locks.add({
    targetKind: 'user',
    target: 'bob',
    mode: 'cut',
    reason: 'r',
    owner: 'o',
    expiresAt: null,
    offenseId: bobs?.id ?? '',
    episode: 1,
  });
  const later = Date.now() + 2000;
  await bed.publish('tick', { time: later, seen: later });
  const closed = await bed.event('offense.closed');
  expect(closed).toMatchObject({ user: 'alice', data: { reason: 'quiet' } });
  expect(await bed.offenses.list({ limit: 9, status: 'open' })).toMatchObject([{ entity: 'gateway:bob' }]);
});
