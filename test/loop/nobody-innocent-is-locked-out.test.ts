import { expect, test } from 'vitest';
import { startLoop } from './loop-bed.ts';
import { tempFolder } from '../testbed/temp-folder.ts';

const states = async (
  bed: Awaited<ReturnType<typeof startLoop>>,
  number: string,
): Promise<readonly string[]> => {
  const detail = await bed.offenses.show(number);
  return (detail?.actions ?? []).map((one) => `${one.action} ${one.state}`);
};

test('a name typed at a failed login locks nobody, however often', async () => {
  await using bed = await startLoop();
  await bed.addUser('alice');
  bed.node.open('alice');
  for (const typed of ['alice', 'x(alice)', 'gateway:alice', 'ALICE'])
    for (let time = 0; time < 5; time++)
      await bed.publish('login.failed', {
        user: typed,
        address: '198.51.100.1',
        data: { typedName: typed },
        command: 'su',
      });
  // The last one would complete three, had the others counted.
  await bed.deny('alice', 1);
  const events = await bed.settled();
  expect(events.filter((event) => event.type === 'rule.fired')).toEqual([]);
  expect(await bed.locks.inForce()).toEqual([]);
  expect(bed.node.sessions()).toHaveLength(1);
});

test('forged events from an unconfirmed source open an offense of their own and never act', async () => {
  await using bed = await startLoop();
  await bed.addUser('alice');
  bed.node.open('alice');
  await bed.deny('alice', 5, { source: 'jumpserver-1', realm: 'gateway' });
  const events = await bed.settled();
  expect(events.filter((event) => event.type === 'offense.opened')).toHaveLength(1);
  expect(await bed.locks.inForce()).toEqual([]);
  expect(bed.node.sessions()).toHaveLength(1);
  expect(bed.mailbox.mails).toEqual([]);
  expect(await states(bed, '1')).toEqual([
    'lock shadowed',
    'terminate shadowed',
    'mail shadowed',
    'mail shadowed',
  ]);
});

test('forged events cannot stand in the way of a real response either', async () => {
  await using bed = await startLoop();
  await bed.addUser('alice');
  await bed.deny('alice', 5, { source: 'jumpserver-1', realm: 'gateway' });
  await bed.settled();
  await bed.deny('alice', 3);
  await bed.settled();
  expect(await bed.locks.inForce()).toMatchObject([{ target: 'alice' }]);
});

test('a user of another realm is somebody else', async () => {
  await using bed = await startLoop();
  await bed.addUser('alice');
  await bed.deny('alice', 2);
  await bed.deny('alice', 2, { realm: 'jumpserver-1', source: 'jumpserver-1' });
  await bed.settled();
  expect(await bed.locks.inForce()).toEqual([]);
});

test('a break-glass user is cut and reported, not locked, and a person may approve the lock', async () => {
  await using bed = await startLoop({ breakGlassUsers: ['Alice'] });
  await bed.addUser('alice');
  bed.node.open('alice');
  await bed.deny('alice', 3);
  await bed.settled();
  expect(await bed.locks.inForce()).toEqual([]);
  expect(bed.node.sessions()).toEqual([]);
  expect(await states(bed, '1')).toEqual([
    'lock downgraded',
    'terminate succeeded',
    'mail succeeded',
    'mail succeeded',
    'lock awaiting_approval',
  ]);
  const report = await bed.mailbox.waitFor((mail) => mail.to.includes('security@example.test'));
  expect(report.text).toContain('alice was NOT locked, because alice is a break-glass user');
  const detail = await bed.offenses.show('1');
  const waiting = detail?.actions.find((one) => one.state === 'awaiting_approval');
  expect(await bed.actions.approve(waiting?.id ?? '', 'carol')).toBe(true);
  await bed.settled();
  expect(await bed.locks.inForce()).toMatchObject([{ target: 'alice' }]);
});

test('the last active administrator is never locked out, not even with approval', async () => {
  await using bed = await startLoop();
  await bed.addUser('alice', { roles: ['admin'] });
  const boris = await bed.addUser('boris', { roles: ['admin'] });
  await bed.locks.add({
    targetKind: 'user',
    target: 'boris',
    mode: 'deny',
    reason: 'on leave',
    owner: 'carol',
    expiresAt: null,
  });
  expect(boris).not.toBe('');
  await bed.deny('alice', 3);
  await bed.settled();
  expect((await bed.locks.inForce()).map((lock) => lock.target)).toEqual(['boris']);
  expect(await states(bed, '1')).not.toContain('lock awaiting_approval');
});

test('a flood of offenses stops locking people after the budget, and still cuts and reports', async () => {
  await using bed = await startLoop({ lockoutsPer10Minutes: 2 });
  const people = ['anna', 'berta', 'clara', 'dora'];
  for (const name of people) {
    await bed.addUser(name);
    bed.node.open(name);
  }
  for (const name of people) {
    await bed.deny(name, 3);
    await bed.settled();
  }
  expect((await bed.locks.inForce()).map((lock) => lock.target)).toEqual(['anna', 'berta']);
  expect(bed.node.sessions()).toEqual([]);
  expect(bed.mailbox.mails.filter((mail) => mail.to.includes('security@example.test'))).toHaveLength(4);
  expect(await states(bed, '3')).toContain('lock awaiting_approval');
});

test('a person who reconnects in a tight loop stays out', async () => {
  await using bed = await startLoop();
  await bed.addUser('alice');
  bed.node.open('alice');
  const contained = bed.event('containment.verified');
  const over = new AbortController();
  const knocking = (async () => {
    while (!over.signal.aborted) {
      bed.node.open('alice');
      await new Promise((resolve) => setImmediate(resolve));
    }
  })();
  await bed.deny('alice', 3);
  await contained;
  over.abort();
  await knocking;
  expect(bed.node.sessions()).toEqual([]);
  expect(bed.node.open('alice')).toBe(false);
});

test('what was planned and not done when a person closed the offense is not done any more', async () => {
  await using folder = await tempFolder();
  {
    await using bed = await startLoop({ dataDir: folder.path, withoutResponder: true });
    await bed.addUser('alice');
    await bed.deny('alice', 3);
    await bed.event('action.planned');
    const [offense] = await bed.offenses.list({ limit: 1 });
    await bed.offenses.close(offense?.id ?? '', { by: 'carol', verdict: 'benign', comment: '' });
  }
  await using bed = await startLoop({ dataDir: folder.path });
  bed.node.open('alice');
  await bed.settled();
  expect((await states(bed, '1')).slice(0, 2)).toEqual(['lock cancelled', 'terminate cancelled']);
  expect(await bed.locks.inForce()).toEqual([]);
  expect(bed.node.sessions()).toHaveLength(1);
});
