import { expect, test } from 'vitest';
import { checkMailQueue } from '#api/doctor/check-mail.ts';
import type { Recovery } from '#contract/resources/recovery.ts';
import { startLoop, type LoopBed } from '../loop/loop-bed.ts';
import { POLITE, startScript } from '../mail/mail-bed.ts';

const MINUTE_MS = 60_000;

const linkStep = (recovery: Recovery | undefined): Recovery['steps'][number] | undefined =>
  recovery?.steps.find(({ name }) => name === 'mail-link');
const validLinks = async (bed: LoopBed): Promise<number> =>
  (await bed.storage.state.reader.selectFrom('recovery_links').selectAll().execute()).filter(
    ({ revokedAt, usedAt }) => revokedAt === null && usedAt === null,
  ).length;

test('a server that refuses for now is asked again, with growing pauses, and at last left to a person', async () => {
  await using server = await startScript({ ...POLITE, RCPT: '451 later' });
  const start = Date.now();
  let nowMs = start;
  await using bed = await startLoop({ mailPort: server.port, clock: () => nowMs, withoutResponder: true });
  await bed.addUser('alice');
  let step = linkStep(await bed.recovery.start('alice', 'carol'));
  const pauses: number[] = [];
  while (step !== undefined && step.nextAt !== null && pauses.length < 50) {
    pauses.push(step.nextAt - nowMs);
    const tried = server.heard.length;
    nowMs = step.nextAt - 1;
    await bed.resumeRecoveries();
    expect(server.heard, 'not before its time').toHaveLength(tried);
    expect(await checkMailQueue(bed.storage.state.reader, nowMs)).toMatchObject({ status: 'warning' });
    nowMs += 1;
    await bed.resumeRecoveries();
    step = linkStep(await bed.recovery.latest('alice'));
    expect(await validLinks(bed)).toBe(1);
  }
  expect(pauses).toEqual([0.5, 1, 2, 4, 8, 15, 15, 15, 15, 15, 15, 15].map((minutes) => minutes * MINUTE_MS));
  expect(step).toMatchObject({ state: 'failed', nextAt: null });
  expect(await checkMailQueue(bed.storage.state.reader, nowMs)).toMatchObject({
    status: 'failure',
    detail: expect.stringContaining('1 given up') as string,
    advice: expect.stringContaining('--resume') as string,
  });
  nowMs += 86_400_000;
  const tried = server.heard.length;
  await bed.resumeRecoveries();
  expect(server.heard).toHaveLength(tried);
});

test('an address that is refused for good is not tried again until a person says so', async () => {
  await using server = await startScript({ ...POLITE, RCPT: '550 no such mailbox' });
  let nowMs = Date.now();
  await using bed = await startLoop({ mailPort: server.port, clock: () => nowMs, withoutResponder: true });
  await bed.addUser('alice');
  const started = await bed.recovery.start('alice', 'carol');
  expect(linkStep(started)).toMatchObject({
    state: 'failed',
    nextAt: null,
    detail: expect.stringContaining('550') as string,
  });
  const tried = server.heard.length;
  nowMs += 86_400_000;
  await bed.resumeRecoveries();
  expect(server.heard).toHaveLength(tried);
  await bed.recovery.resume('alice');
  expect(server.heard.length).toBeGreaterThan(tried);
});

test('the mail says for how long its link is good', async () => {
  await using bed = await startLoop();
  await bed.addUser('alice');
  await bed.recovery.start('alice', 'carol');
  const mail = await bed.mailbox.waitFor(({ text }) => text.includes('/recover/'));
  expect(mail.text).toContain('within 1 hour.');
  expect(mail.html).toContain('within 1 hour.');
});
