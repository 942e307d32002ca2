import { expect, test } from 'vitest';
import { offenseReport } from '#cli/output/offense-report.ts';
import { startLoop, type LoopBed } from './loop-bed.ts';

async function openOffense(bed: LoopBed): Promise<string> {
  await bed.addUser('alice');
  await bed.deny('alice', 3);
  await bed.settled();
  const [offense] = await bed.offenses.list({ limit: 1 });
  return offense?.id ?? '';
}

const closing = { by: 'carol', verdict: 'benign' as const, comment: 'a drill' };

test('an offense goes to somebody who may answer it, and to nobody else', async () => {
  await using bed = await startLoop();
  const id = await openOffense(bed);
  await bed.addUser('Carol', { roles: ['admin'] });
  await expect(bed.offenses.assign(id, { by: 'dan', assignee: 'nobody-such' })).rejects.toMatchObject({
    code: 'E_INPUT',
  });
  await expect(bed.offenses.assign(id, { by: 'dan', assignee: 'alice' })).rejects.toMatchObject({
    code: 'E_INPUT',
  });
  expect((await bed.offenses.show(id))?.assignee).toBeNull();
  await bed.offenses.assign(id, { by: 'dan', assignee: 'carol' });
  await bed.offenses.assign(id, { by: 'dan', assignee: 'carol' });
  const assigned = (await bed.settled()).filter((event) => event.type === 'offense.assigned');
  expect(assigned).toMatchObject([
    { code: 'PC5007', actor: 'dan', user: 'alice', offense: id, data: { assignee: 'Carol', before: null } },
  ]);
  const detail = await bed.offenses.show(id);
  expect(detail?.assignee).toBe('Carol');
  expect(detail?.timeline.at(-1)).toMatchObject({
    kind: 'assigned',
    actor: 'dan',
    text: 'Assigned to Carol.',
  });
  await bed.offenses.assign(id, { by: 'dan', assignee: null });
  expect((await bed.offenses.show(id))?.assignee).toBeNull();
});

test('a reopened offense is open for people: no episode, no action, no second reading of what came before', async () => {
  await using bed = await startLoop();
  const id = await openOffense(bed);
  expect(await bed.offenses.reopen(id, { by: 'carol', comment: 'is open' })).toBe(false);
  await bed.offenses.close(id, closing);
  await bed.deny('alice', 2);
  await bed.settled();
  expect(await bed.offenses.reopen(id, { by: 'dan', comment: 'it was no drill' })).toBe(true);
  const events = await bed.settled();
  expect(events.filter((event) => event.type === 'offense.reopened')).toMatchObject([
    { actor: 'dan', user: 'alice', data: { comment: 'it was no drill', verdict: 'benign', episode: 1 } },
  ]);
  const detail = await bed.offenses.show(id);
  expect(detail).toMatchObject({ status: 'open', verdict: null, closedAt: null, episode: 1 });
  expect(detail?.episodes).toMatchObject([{ endReason: 'closed' }]);
  expect(detail?.actions).toHaveLength(4);
  expect(events.filter((event) => event.type === 'offense.opened')).toHaveLength(1);
  // The rule is as armed as it was: the third one after the end fires.
  await bed.deny('alice', 1);
  await bed.settled();
  expect(await bed.offenses.show(id)).toMatchObject({ status: 'open', episode: 2 });
});

test('a reopened offense is closed again, and that is told as well', async () => {
  await using bed = await startLoop();
  const id = await openOffense(bed);
  await bed.offenses.close(id, closing);
  await bed.offenses.reopen(id, { by: 'dan', comment: 'once more' });
  expect(await bed.offenses.close(id, { ...closing, verdict: 'true-positive' })).toBe(true);
  const closed = (await bed.settled()).filter((event) => event.type === 'offense.closed');
  expect(new Set(closed.map((event) => event.id)).size).toBe(2);
  const detail = await bed.offenses.show(id);
  expect(detail).toMatchObject({ status: 'closed', verdict: 'true-positive' });
  expect(detail?.timeline.slice(-2).map((one) => one.kind)).toEqual(['reopened', 'closed']);
});

test('the report tells commands, assets, addresses, what was cut and what ran there', async () => {
  await using bed = await startLoop();
  await bed.addUser('alice');
  bed.node.open('alice', 'web01');
  bed.node.open('alice', 'db01');
  await bed.deny('alice', 2, { command: 'su -\u001B[2J' });
  await bed.deny('alice', 1, { command: 'passwd root', asset: 'db01', address: '203.0.113.9' });
  await bed.settled();
  const detail = await bed.offenses.show('1');
  if (detail === undefined) throw new Error('no offense');
  expect(new Set(detail.cut.map((one) => one.asset))).toEqual(new Set(['db01', 'web01']));
  const report = offenseReport(detail).join('\n');
  for (const part of [
    'assets     web01, db01',
    'addresses  203.0.113.7, 203.0.113.9',
    'on root@db01  from 203.0.113.9  passwd root',
    'root@web01 from 203.0.113.7, running: shell',
    'lock gateway:alice (auto) succeeded: alice is locked; 2 sessions were cut',
  ])
    expect(report).toContain(part);
  expect(report).not.toContain('\u001B');
  expect(report).toContain('su -\\x1b[2J');
});
