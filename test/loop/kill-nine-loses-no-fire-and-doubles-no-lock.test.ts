import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, it } from 'vitest';
import { createLogger } from '#lib/log.ts';
import { startStorage, type Storage } from '#main/storage/start.ts';
import { startMailbox, type Mailbox } from '../testbed/mailbox.ts';
import { killPoints, runSeed, seeded } from '../testbed/seeds.ts';
import { tempFolder } from '../testbed/temp-folder.ts';
import { storedEvents } from '../testbed/stored-events.ts';

const POINTS = killPoints();
/** Moments at which the loop can be struck: what the victim says it has seen. */
const MOMENTS = [
  'published',
  'rule.fired',
  'offense.opened',
  'action.planned',
  'lock.added',
  'action.succeeded',
  'containment.contained',
  'mail.sent',
] as const;
const LATER_MS = 12;

interface Strike {
  readonly moment: (typeof MOMENTS)[number];
  readonly afterMs: number;
}

/** Runs the loop and kills it shortly after the moment; null lets it come to its end. */
async function run(dataDir: string, mailPort: number, time: number, strike: Strike | null): Promise<string> {
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, 'loop-victim.ts'), dataDir, String(mailPort), String(time)],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const closed = once(child, 'close');
  let last = '';
  for await (const line of createInterface({ input: child.stdout })) {
    last = line;
    if (line === strike?.moment) setTimeout(() => child.kill('SIGKILL'), strike.afterMs);
  }
  await closed;
  return last;
}

async function typesInStream(storage: Storage): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  for (const { type } of await storedEvents(storage.stream)) counts.set(type, (counts.get(type) ?? 0) + 1);
  return counts;
}

async function check(dataDir: string, mailbox: Mailbox): Promise<void> {
  await using storage = await startStorage({ dataDir, logger: createLogger('silent'), onFailure: () => {} });
  await storage.relay.settled();
  const db = storage.state.reader;
  expect(await db.selectFrom('offenses').select(['entity', 'episode']).execute()).toEqual([
    { entity: 'gateway:alice', episode: 1 },
  ]);
  expect(await db.selectFrom('locks').select(['target', 'endedAt']).execute()).toEqual([
    { target: 'alice', endedAt: null },
  ]);
  expect(await db.selectFrom('evidence').select('eventId').execute()).toHaveLength(3);
  const actions = await db.selectFrom('actions').select(['id', 'action', 'state']).orderBy('step').execute();
  expect(actions.slice(0, 2).map(({ action, state }) => ({ action, state }))).toEqual([
    { action: 'lock', state: 'succeeded' },
    { action: 'terminate', state: 'verified' },
  ]);
  const types = await typesInStream(storage);
  for (const type of ['rule.fired', 'offense.opened', 'lock.added'])
    expect([type, types.get(type)]).toEqual([type, 1]);
  expect(types.get('action.planned')).toBe(4);
  // Nothing was mailed but these two, each under its own id.
  const mailIds = actions.filter((one) => one.action === 'mail').map((one) => one.id);
  expect(mailIds).toHaveLength(2);
  for (const { messageId } of mailbox.mails)
    expect(mailIds.filter((id) => messageId.includes(id))).toHaveLength(1);
  for (const mail of actions.filter((one) => one.action === 'mail')) {
    const copies = mailbox.mails.filter((one) => one.messageId.includes(mail.id)).length;
    expect(copies).toBeLessThanOrEqual(1);
    // Struck in the midst of the message, it is left to a person; else it has arrived.
    const isTold = mail.state === 'unknown' || (mail.state === 'succeeded' && copies > 0);
    expect([mail.state, copies, isTold]).toEqual([mail.state, copies, true]);
  }
}

it(
  `over ${POINTS} kills between event and verified containment: no fire lost, no lock doubled`,
  async () => {
    const seed = runSeed('loop kill points');
    const random = seeded(seed);
    for (let point = 0; point < POINTS; point++) {
      await using folder = await tempFolder();
      await using mailbox = await startMailbox();
      const time = Date.now();
      const kills = random() < 0.3 ? 2 : 1;
      for (let kill = 0; kill < kills; kill++) {
        const moment = MOMENTS[Math.floor(random() * MOMENTS.length)] ?? 'published';
        await run(folder.path, mailbox.port, time, { moment, afterMs: random() * LATER_MS });
      }
      expect(await run(folder.path, mailbox.port, time, null)).toBe('done 0');
      await check(folder.path, mailbox);
    }
  },
  POINTS * 15_000,
);
