/**
 * Child of the kill test: runs the loop on a data directory, publishes three refused commands (the same ones
 * at every start), and says how far it has come until it is killed or done.
 */
import { writeSync } from 'node:fs';
import { makeEvent } from '#contract/event.ts';
import { derivedId } from '#lib/ids.ts';
import { startLoop } from './loop-bed.ts';

const [, , dataDir = '', mailPort = '', time = ''] = process.argv;
const bed = await startLoop({ dataDir, mailPort: Number(mailPort) });
const user = await bed.storage.state.reader.selectFrom('users').select('id').executeTakeFirst();
if (user === undefined) await bed.addUser('alice');
await bed.locks.tell('system');
bed.node.open('alice', 'web01');
bed.node.open('alice', 'db01');
writeSync(1, 'ready\n');
await bed.storage.stream.publish(
  ['su', 'passwd', 'reboot'].map((command, index) =>
    makeEvent('command.denied', derivedId('victim', index), Number(time) + index, { user: 'alice', command }),
  ),
);
writeSync(1, 'published\n');

/** Says each event as it comes, so that the parent can strike at a chosen moment. */
async function report(): Promise<void> {
  let position = 0;
  for (;;) {
    const page = await bed.storage.stream.read(position, 100, new AbortController().signal);
    for (const entry of page) {
      writeSync(1, `${entry.event.type}\n`);
      position = entry.position;
      if (entry.event.type === 'containment.verified') return;
    }
  }
}

await report();
await bed.settled();
writeSync(1, `done ${bed.node.sessions().length}\n`);
await bed[Symbol.asyncDispose]();
