import { fork, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import type { TypistOrder, TypistReport } from './typist.ts';

export interface Typist extends Disposable {
  /** Resolves when all shells are open. */
  readonly open: Promise<void>;
  /** How long each echo, or each answer to a line, took when all has been typed. */
  readonly echoes: Promise<readonly number[]>;
}

export function startTypist(order: TypistOrder): Typist {
  const child: ChildProcess = fork(join(import.meta.dirname, 'typist.ts'), {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const open = Promise.withResolvers<void>();
  const echoes = Promise.withResolvers<readonly number[]>();
  // Whoever waits for neither still ends the typist.
  open.promise.catch(() => undefined);
  echoes.promise.catch(() => undefined);
  child.on('message', (message) => {
    const report = message as TypistReport;
    if (report.kind === 'open') open.resolve();
    else if (report.kind === 'echoes') echoes.resolve(report.milliseconds);
    else {
      open.reject(new Error(report.message));
      echoes.reject(new Error(report.message));
    }
  });
  child.send(order);
  return {
    open: open.promise,
    echoes: echoes.promise,
    [Symbol.dispose]: () => {
      child.kill('SIGKILL');
    },
  };
}
