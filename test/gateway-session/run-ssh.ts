import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';

export interface Finished {
  readonly code: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** A real ssh that runs. */
export interface RunningSsh extends AsyncDisposable {
  readonly child: ChildProcessWithoutNullStreams;
  /** Types; the text goes as it is. */
  type(text: string): void;
  endInput(): void;
  /** Resolves when the output so far matches. Fails when ssh ends before, with what there was. */
  shows(pattern: RegExp): Promise<void>;
  readonly output: () => string;
  readonly errors: () => string;
  finished: Promise<Finished>;
}

/** Starts ssh with pipes in the place of a terminal (`-tt` makes it ask for one all the same). */
export function startSsh(args: readonly string[]): RunningSsh {
  const child = spawn('ssh', args, { stdio: ['pipe', 'pipe', 'pipe'] });
  const stdout: Buffer[] = [];
  let stderr = '';
  const watchers = new Set<() => void>();
  const told = (): void => {
    for (const watcher of watchers) watcher();
  };
  child.stdin.on('error', () => undefined);
  child.stdout.on('data', (chunk: Buffer) => {
    stdout.push(chunk);
    told();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString('utf8');
    told();
  });
  const finished = new Promise<Finished>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      resolve({ code, stdout: Buffer.concat(stdout), stderr });
      told();
    });
  });
  const output = (): string => Buffer.concat(stdout).toString('utf8');
  return {
    child,
    type: (text) => {
      child.stdin.write(text);
    },
    endInput: () => child.stdin.end(),
    output,
    errors: () => stderr,
    shows: (pattern) => {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const look = (): void => {
        if (pattern.test(output() + stderr)) {
          watchers.delete(look);
          resolve();
        } else if (child.exitCode !== null || child.signalCode !== null) {
          watchers.delete(look);
          reject(new Error(`ssh ended with ${child.exitCode}; it showed: ${output()}${stderr}`));
        }
      };
      watchers.add(look);
      look();
      return promise;
    },
    finished,
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
      await finished;
    },
  };
}

/** Runs ssh to its end, with the input given. */
export async function ssh(args: readonly string[], input: string | Buffer = ''): Promise<Finished> {
  await using running = startSsh(args);
  running.child.stdin.end(input);
  return await running.finished;
}
