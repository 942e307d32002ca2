/**
 * Child of the kill tests: publishes and commits as fast as it can from several loops and prints each thing
 * once it was acknowledged, `p <event id>` or `t <event id>`, until it is killed.
 */
import { writeSync } from 'node:fs';
import { makeEvent, type EventRecord } from '#contract/event.ts';
import { newId } from '#lib/ids.ts';
import { createLogger } from '#lib/log.ts';
import { startStorage } from '#main/storage/start.ts';
import { seeded } from '../testbed/seeds.ts';

const [, , dataDir = '', seed = ''] = process.argv;
const random = seeded(Number(seed));
const event = (message: string): EventRecord => makeEvent('object.created', newId(), Date.now(), { message });
const storage = await startStorage({
  dataDir,
  logger: createLogger('silent'),
  onFailure: () => process.exit(1),
});

const say = (kind: 'p' | 't', ids: readonly string[]): void => {
  writeSync(1, ids.map((id) => `${kind} ${id}\n`).join(''));
};

async function publishForEver(): Promise<never> {
  for (;;) {
    const batch = Array.from({ length: 1 + Math.floor(random() * 20) }, () => event('published'));
    await storage.stream.publish(batch);
    say(
      'p',
      batch.map((one) => one.id),
    );
  }
}

async function commitForEver(): Promise<never> {
  for (;;) {
    const sent = event('committed');
    await storage.state.transact(async (tx, emit) => {
      await tx.insertInto('settings').values({ key: sent.id, value: '' }).execute();
      emit(sent);
    });
    say('t', [sent.id]);
  }
}

await Promise.all([publishForEver(), publishForEver(), commitForEver(), commitForEver()]);
