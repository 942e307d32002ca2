import { expect, test } from 'vitest';
import { makeEvent } from '#contract/event.ts';
import { newId } from '#lib/ids.ts';
import { startLoop, type LoopBed } from './loop-bed.ts';

const HOUR_MS = 3_600_000;

async function offenses(bed: LoopBed): Promise<readonly string[]> {
  const list = await bed.offenses.list({ status: 'open', limit: 100 });
  return list.map(({ title, entity }) => `${title}: ${entity}`).sort();
}

/** Refused passwords of so many different names from one address. */
async function guess(bed: LoopBed, address: string, count: number): Promise<void> {
  for (let index = 0; index < count; index++)
    await bed.publish('login.failed', {
      address,
      data: { method: 'password', typedName: `user${index}`, typedUser: `user${index}` },
    });
}

test('who guesses passwords is an address: three offenses about it, and nothing is locked unasked', async () => {
  await using bed = await startLoop();
  await bed.addUser('user1');
  await guess(bed, '192.0.2.7', 20);
  await bed.publish('login.succeeded', { user: 'user1', address: '192.0.2.7', data: { method: 'password' } });
  const events = await bed.settled();
  expect(await offenses(bed)).toEqual([
    'Many failed logins, then a success: @address:192.0.2.7',
    'One password tried with many names: @address:192.0.2.7',
    'Password guessing from one address: @address:192.0.2.7',
  ]);
  expect(events.filter(({ type }) => type === 'rule.fired').every(({ user }) => user === undefined)).toBe(
    true,
  );
  expect(await bed.locks.inForce()).toEqual([]);
  expect(bed.mailbox.mails.map(({ to }) => to)).toEqual([
    ['security@example.test'],
    ['security@example.test'],
  ]);
  const subjects = bed.mailbox.mails.map(({ subject }) => subject.replace(/Offense \d/, 'Offense n'));
  expect(subjects.sort()).toEqual([
    '[Portcullis] Offense n waits for you: Many failed logins, then a success (@address:192.0.2.7, episode 1)',
    '[Portcullis] Offense n waits for you: One password tried with many names (@address:192.0.2.7, episode 1)',
  ]);
});

test('an offense about an address ends and begins again like any other', async () => {
  await using bed = await startLoop();
  await guess(bed, '2001:db8::1', 10);
  await bed.settled();
  const [first] = await bed.offenses.list({ status: 'open', limit: 10 });
  expect(first).toMatchObject({ entity: '@address:2001:db8::/64', episode: 1 });
  await bed.offenses.close(first?.id ?? '', { by: 'carol', verdict: 'benign', comment: '' });
  await guess(bed, '2001:db8::2', 10);
  await bed.settled();
  const [second] = await bed.offenses.list({ status: 'open', limit: 10 });
  expect(second).toMatchObject({ id: first?.id, episode: 2 });
});

test('a changed host key is about the asset, a lost recording about the gateway', async () => {
  await using bed = await startLoop();
  await bed.publish('asset.host_key_changed', { user: 'alice', asset: 'WEB01' });
  await bed.publish('recording.failed', { user: 'alice', asset: 'web02', data: { reason: 'disk_full' } });
  await bed.settled();
  expect(await offenses(bed)).toEqual([
    'A recording could not be written: @source:gateway',
    'Host key of an asset changed: @asset:web01',
  ]);
  expect(await bed.locks.inForce()).toEqual([]);
});

test('a record that is sent again counts once, before and after an episode ended', async () => {
  await using bed = await startLoop();
  await bed.addUser('alice');
  const denied = Array.from({ length: 2 }, () =>
    makeEvent('command.denied', newId(), Date.now(), { user: 'alice', command: 'su' }),
  );
  for (let time = 0; time < 3; time++) await bed.storage.stream.publish(denied);
  expect((await bed.settled()).filter(({ type }) => type === 'rule.fired')).toEqual([]);
  await bed.deny('alice', 1);
  await bed.settled();
  const [offense] = await bed.offenses.list({ status: 'open', limit: 10 });
  await bed.offenses.close(offense?.id ?? '', { by: 'carol', verdict: 'benign', comment: '' });
  await bed.storage.stream.publish(denied);
  await bed.deny('alice', 2);
  const fired = (await bed.settled()).filter(({ type }) => type === 'rule.fired');
  expect(fired.map(({ data }) => data['episode'])).toEqual([1]);
});

test('what comes a day late is stored and counts for nothing; just in time it counts', async () => {
  await using bed = await startLoop();
  await bed.addUser('alice');
  const late = (byMs: number) => ({ user: 'alice', command: 'su', time: Date.now() - byMs });
  for (let index = 0; index < 5; index++) await bed.publish('command.denied', late(25 * HOUR_MS));
  const stored = await bed.settled();
  expect(stored.filter(({ type }) => type === 'command.denied')).toHaveLength(5);
  expect(stored.filter(({ type }) => type === 'rule.fired')).toEqual([]);
  for (const hours of [3, 23, 12]) await bed.publish('command.denied', late(hours * HOUR_MS));
  expect((await bed.settled()).filter(({ type }) => type === 'rule.fired')).toHaveLength(1);
});

test('a source whose clock runs ahead is counted when it was heard', async () => {
  await using bed = await startLoop();
  await bed.addUser('alice');
  const ahead = { user: 'alice', command: 'su', time: Date.now() + 400 * HOUR_MS };
  await bed.deny('alice', 2);
  await bed.publish('command.denied', ahead);
  const fired = (await bed.settled()).filter(({ type }) => type === 'rule.fired');
  expect(fired).toHaveLength(1);
});
