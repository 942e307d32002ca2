import { expect, test } from 'vitest';
import type { SMTPServerOptions } from 'smtp-server';
import { checkMailQueue } from '#api/doctor/check-mail.ts';
import { type LoopBed, startLoop } from '../loop/loop-bed.ts';
import { tempFolder } from '../testbed/temp-folder.ts';
import { POLITE, refusal, startScript, startServer } from './mail-bed.ts';

const PLAIN: SMTPServerOptions = { disabledCommands: ['STARTTLS', 'AUTH'] };
/** Hours of retries pass in seconds. */
const SPEED = 2000;
const began = Date.now();
const fastClock = (): number => began + (Date.now() - began) * SPEED;

interface MailState {
  readonly state: string;
  readonly attempts: number;
  readonly summary: string;
}

async function mailsOf(bed: LoopBed, offense = '1'): Promise<readonly MailState[]> {
  const detail = await bed.offenses.show(offense);
  return (detail?.actions ?? [])
    .filter((one) => one.action === 'mail')
    .map(({ state, attempts, summary }) => ({ state, attempts, summary: summary ?? '' }));
}

async function offend(bed: LoopBed, user = 'alice'): Promise<void> {
  await bed.addUser(user);
  await bed.deny(user, 3);
}

const messageIds = (texts: readonly string[]): readonly string[] =>
  texts.map((text) => /^Message-ID: (.*)\r$/m.exec(text)?.[1] ?? 'none').toSorted();

test('refused for now: pauses grow, the tries are counted, and then a person is told', async () => {
  const tries = new Map<string, number[]>();
  await using box = await startServer({
    ...PLAIN,
    onRcptTo({ address }, _session, done) {
      tries.set(address, [...(tries.get(address) ?? []), fastClock()]);
      done(refusal(451, 'come back later'));
    },
  });
  await using bed = await startLoop({ mailPort: box.port, clock: fastClock });
  await offend(bed);
  const failed = (await bed.settled()).filter(({ type }) => type === 'mail.failed');
  expect(failed).toHaveLength(2);
  for (const mail of await mailsOf(bed)) {
    expect(mail).toMatchObject({ state: 'failed', attempts: 12 });
    expect(mail.summary).toMatch(
      /^no mail to .*refused the recipient for now: it said "451 .*come back later"/,
    );
  }
  expect(tries.size).toBe(2);
  for (const times of tries.values()) {
    expect(times).toHaveLength(12);
    times.slice(1).forEach((time, index) => {
      expect(time - (times[index] ?? 0)).toBeGreaterThanOrEqual(Math.min(15_000 * 2 ** index, 900_000));
    });
  }
  expect(await checkMailQueue(bed.storage.state.reader, fastClock())).toMatchObject({
    status: 'failure',
    detail: expect.stringMatching(/^2 given up\. offense 1: no mail to .*come back later/),
  });
});

test('refused for good: tried once', async () => {
  await using box = await startServer({
    ...PLAIN,
    onMailFrom: (_address, _session, done) => done(refusal(553, 'not from you')),
  });
  await using bed = await startLoop({ mailPort: box.port, clock: fastClock });
  await offend(bed);
  await bed.settled();
  for (const mail of await mailsOf(bed)) expect(mail).toMatchObject({ state: 'failed', attempts: 1 });
});

test('given up: a person sends it again, once the cause is gone', async () => {
  let isBroken = true;
  await using box = await startServer({
    ...PLAIN,
    onMailFrom: (_address, _session, done) => (isBroken ? done(refusal(553, 'not from you')) : done()),
  });
  await using bed = await startLoop({ mailPort: box.port });
  await offend(bed);
  await bed.settled();
  isBroken = false;
  const actions = (await bed.offenses.show('1'))?.actions ?? [];
  for (const { id, action } of actions)
    expect(await bed.actions.approve(id, 'carol')).toBe(action === 'mail');
  const decided = (await bed.settled()).filter(({ type }) => type === 'action.decided');
  expect(decided.map(({ actor, data }) => [actor, data['name']])).toEqual([
    ['carol', 'mail'],
    ['carol', 'mail'],
  ]);
  for (const mail of await mailsOf(bed)) expect(mail).toMatchObject({ state: 'succeeded', attempts: 2 });
  expect(box.recipients.flat().toSorted()).toEqual(['alice@example.test', 'security@example.test']);
  // Sent is sent.
  for (const { id } of actions) expect(await bed.actions.approve(id, 'carol')).toBe(false);
});

test('what waits survives a restart, and is the same mail by its id', async () => {
  await using folder = await tempFolder();
  const tried: string[] = [];
  const twoTried = Promise.withResolvers<void>();
  await using busy = await startServer({
    ...PLAIN,
    onData(stream, _session, done) {
      let text = '';
      stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
      stream.on('end', () => {
        tried.push(text);
        if (tried.length === 2) twoTried.resolve();
        done(refusal(452, 'no room'));
      });
    },
  });
  {
    await using bed = await startLoop({ dataDir: folder.path, mailPort: busy.port });
    await offend(bed);
    await twoTried.promise;
  }
  await using bed = await startLoop({ dataDir: folder.path, clock: () => Date.now() + 3_600_000 });
  await bed.settled();
  for (const mail of await mailsOf(bed)) expect(mail).toMatchObject({ state: 'succeeded', attempts: 2 });
  expect(bed.mailbox.mails.map(({ messageId }) => messageId).toSorted()).toEqual(messageIds(tried));
});

test('cut after the message: nobody knows, so a person looks, and nothing is sent again', async () => {
  await using folder = await tempFolder();
  await using server = await startScript({ ...POLITE, '.': 'close' });
  {
    await using bed = await startLoop({ dataDir: folder.path, mailPort: server.port });
    await offend(bed);
    await bed.settled();
    for (const mail of await mailsOf(bed)) {
      expect(mail.state).toBe('unknown');
      expect(mail.summary).toContain('may have been delivered');
    }
    expect(await checkMailQueue(bed.storage.state.reader, Date.now())).toMatchObject({
      status: 'failure',
      detail: expect.stringContaining('2 perhaps delivered'),
    });
  }
  expect(server.heard.filter((line) => line === '.')).toHaveLength(2);
  await using bed = await startLoop({ dataDir: folder.path, clock: () => Date.now() + 86_000_000 });
  await offend(bed, 'bob');
  await bed.settled();
  // Everything due was done, and of the first offense there was nothing.
  expect((await mailsOf(bed, '2')).map(({ state }) => state)).toEqual(['succeeded', 'succeeded']);
  expect(bed.mailbox.mails.filter(({ text }) => /alice|offense 1\b/i.test(text))).toEqual([]);
  expect(bed.mailbox.mails).toHaveLength(2);
});

test('after a crash: what was under way is left to a person, what was not is sent', async () => {
  await using folder = await tempFolder();
  {
    await using bed = await startLoop({ dataDir: folder.path, withoutResponder: true });
    await offend(bed);
    await bed.event('action.planned', (event) => event.data['name'] === 'mail');
    await bed.storage.state.transact(async (tx) => {
      await tx.updateTable('actions').set({ state: 'succeeded' }).where('action', '!=', 'mail').execute();
      const crashed = {
        state: 'dispatched',
        attempts: 1,
        leaseOwner: 'test',
        leaseUntil: Date.now() + 60_000,
      };
      const mails = tx.updateTable('actions').where('action', '=', 'mail');
      await mails
        .set({ ...crashed, result: JSON.stringify({ summary: 'the mail is under way', isUnderWay: true }) })
        .where('target', '=', 'responders')
        .execute();
      await mails.set(crashed).where('target', '!=', 'responders').execute();
    });
  }
  await using bed = await startLoop({ dataDir: folder.path });
  await bed.settled();
  expect((await mailsOf(bed)).map(({ state }) => state).toSorted()).toEqual(['succeeded', 'unknown']);
  expect(bed.mailbox.mails.map(({ to }) => to)).toEqual([['alice@example.test']]);
});

test('taken for one responder and refused for the other: only the other is tried again', async () => {
  let refusals = 0;
  await using box = await startServer({
    ...PLAIN,
    onRcptTo: ({ address }, _session, done) =>
      address.startsWith('night') && refusals++ < 2 ? done(refusal(450, 'later')) : done(),
  });
  const responders = ['Day <day@example.test>', 'Night <night@example.test>'];
  await using bed = await startLoop({ mailPort: box.port, clock: fastClock, responders });
  await offend(bed);
  await bed.settled();
  expect(box.recipients.flat().toSorted()).toEqual([
    'alice@example.test',
    'day@example.test',
    'night@example.test',
  ]);
  expect(await mailsOf(bed)).toMatchObject([
    { state: 'succeeded', summary: expect.stringContaining('mail to Day <day@example.test>, Night <night') },
    { state: 'succeeded' },
  ]);
});

test('refused for good for one responder: failed, and says who has it and who has not', async () => {
  await using box = await startServer({
    ...PLAIN,
    onRcptTo: ({ address }, _session, done) =>
      address.startsWith('gone') ? done(refusal(550, 'no such mailbox')) : done(),
  });
  const responders = ['day@example.test', 'gone@example.test'];
  await using bed = await startLoop({ mailPort: box.port, responders });
  await offend(bed);
  await bed.settled();
  expect((await mailsOf(bed))[0]).toMatchObject({
    state: 'failed',
    summary: expect.stringMatching(/^mail to day@example\.test: 250 .*; but not to gone@example\.test: 550 /),
  });
});
