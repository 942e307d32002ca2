import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { SenderOrder, SenderReport } from './syslog-sender.ts';

export interface Sender extends Disposable {
  /** Sends everything; resolves with the milliseconds that it took. */
  readonly send: () => Promise<number>;
}

/** A sender that has built what it will send. */
export async function startSender(order: SenderOrder): Promise<Sender> {
  const child = fork(join(import.meta.dirname, 'syslog-sender.ts'), {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  child.send(order);
  await once(child, 'message');
  return {
    send: async () => {
      const said = once(child, 'message');
      child.send('go');
      const [report] = (await said) as [SenderReport];
      return report.kind === 'sent' ? report.tookMs : Number.NaN;
    },
    [Symbol.dispose]: () => {
      child.kill('SIGKILL');
    },
  };
}
