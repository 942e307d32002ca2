import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** A recording process under observation. */
export interface RecordingChild {
  readonly process: ChildProcess;
  readonly lines: readonly string[];
  /** Resolves with the first line that begins so; rejects when the process ends without it. */
  line(beginning: string): Promise<string>;
  /** Resolves after that many lines. */
  count(lines: number): Promise<void>;
  kill(signal: NodeJS.Signals): Promise<void>;
}

export interface ChildOptions {
  readonly dataDir: string;
  readonly recordings?: string;
  readonly writes: number;
  /** No write is larger, in bytes. */
  readonly size: number;
}

export function startChild(options: ChildOptions): RecordingChild {
  const { dataDir, recordings = '', writes, size } = options;
  const script = join(import.meta.dirname, 'recording-child.ts');
  const args = [script, dataDir, recordings, String(writes), String(size)];
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines: string[] = [];
  const waiters = new Set<() => void>();
  const wake = (): void => {
    for (const waiter of waiters) waiter();
  };
  let ended = false;
  createInterface({ input: child.stdout }).on('line', (text) => {
    lines.push(text);
    wake();
  });
  const closed = once(child, 'close').then(() => {
    ended = true;
    wake();
  });
  const until = <T>(find: () => T | undefined, what: string): Promise<T> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const found = find();
        if (found === undefined && !ended) return;
        waiters.delete(look);
        if (found === undefined)
          reject(new Error(`the process ended without ${what}; it said ${lines.slice(-3).join(', ')}`));
        else resolve(found);
      };
      waiters.add(look);
      look();
    });
  return {
    process: child,
    lines,
    line: (beginning) => until(() => lines.find((text) => text.startsWith(beginning)), beginning),
    count: async (count) => {
      await until(() => (lines.length >= count ? true : undefined), `${String(count)} lines`);
    },
    kill: async (signal) => {
      child.kill(signal);
      await closed;
    },
  };
}
