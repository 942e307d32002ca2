/**
 * Child of the kill test: goes on with the recovery of alice on a data directory, and ends itself by SIGKILL before or
 * after one of the transactions of the recovery. Arguments: data directory, port of the mail server, what to do
 * (`start`, `resume`, or the secret of a link to complete it with), and when to die (`before 2`, `after 1`, `never`).
 * Prints how many transactions there were when it lives on.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { writeSync } from 'node:fs';
import { Secret } from '#lib/secret.ts';
import { startLoop } from '../loop/loop-bed.ts';

/** Longer than a mail may take: whoever began must be gone. */
const ABANDONED_MS = 121_000;

const [, , dataDir = '', mailPort = '', task = '', when = '', number = ''] = process.argv;
const aheadMs = task === 'resume' ? ABANDONED_MS : 0;
const bed = await startLoop({
  dataDir,
  mailPort: Number(mailPort),
  clock: () => Date.now() + aheadMs,
  withoutResponder: true,
});
const { state } = bed.storage;
const known = await state.reader.selectFrom('users').select('id').executeTakeFirst();
if (known === undefined) await bed.addUser('alice');

const recovering = new AsyncLocalStorage<true>();
const transact = state.transact.bind(state);
let transactions = 0;

function dieIf(moment: string): void {
  if (moment === `${when} ${number}`) process.kill(process.pid, 'SIGKILL');
}

Object.assign(state, {
  transact: async (run: Parameters<typeof transact>[0]): Promise<unknown> => {
    if (recovering.getStore() !== true) return transact(run);
    transactions += 1;
    const mine = transactions;
    dieIf(`before ${mine}`);
    const result = await transact(run);
    dieIf(`after ${mine}`);
    return result;
  },
});

await recovering.run(true, async () => {
  if (task === 'start') await bed.recovery.start('alice', 'carol');
  else if (task === 'resume') await bed.resumeRecoveries();
  else
    await bed.recovery.completeRecovery(new Secret(task), {
      password: new Secret('a long new pass phrase'),
      address: '203.0.113.7',
      code: null,
    });
});
writeSync(1, `${transactions}\n`);
await bed[Symbol.asyncDispose]();
