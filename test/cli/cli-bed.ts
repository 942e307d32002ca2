import { join } from 'node:path';
import type { Api } from '#api/start-api.ts';
import type { CliIo } from '#cli/io.ts';
import { runCli } from '#cli/run-cli.ts';
import type { Environment } from '#config/environment.ts';
import { type ApiBed, createApiBed, type BedOptions } from '../api/api-bed.ts';
import { startListening } from '../api/listening.ts';

export interface CliRun {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface RunOptions {
  readonly env?: Environment;
  readonly cwd?: string;
  readonly input?: string;
  readonly isTerminal?: boolean;
  readonly columns?: number;
}

/** Runs a command line in this process and collects what it writes. */
export async function cli(argv: readonly string[], options: RunOptions = {}): Promise<CliRun> {
  let out = '';
  let err = '';
  const io: CliIo = {
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    outBytes: async (chunk) => {
      out += Buffer.from(chunk).toString('utf8');
    },
    readInput: async () => options.input ?? '',
    readSecret: async () => options.input ?? '',
    interrupted: () => new AbortController().signal,
    env: options.env ?? {},
    cwd: options.cwd ?? '/',
    isTerminal: options.isTerminal ?? false,
    columns: options.columns ?? 80,
  };
  const code = await runCli(argv, io, {
    version: '1.2.3',
    serve: async ({ config, data, json }, write) => {
      write(`served ${String(config)} ${String(data)} ${String(json)}\n`);
      return 42;
    },
  });
  return { code, out, err };
}

export interface CliBed extends AsyncDisposable {
  readonly bed: ApiBed;
  readonly api: Api;
  /** Runs a command against the socket of the bed's server. */
  run(...argv: readonly string[]): Promise<CliRun>;
  /** The same with `--json`; gives the parsed lines. */
  json(...argv: readonly string[]): Promise<readonly Record<string, unknown>[]>;
  readonly files: string;
}

/** The command line against a real server that listens on its socket and on a port of loopback. */
export async function createCliBed(options: BedOptions = {}): Promise<CliBed> {
  await using stack = new AsyncDisposableStack();
  const bed = stack.use(await createApiBed(options));
  const api = stack.use(await startListening(bed));
  const run = (...argv: readonly string[]): Promise<CliRun> =>
    cli([...argv, '--data', bed.folder], { cwd: bed.folder });
  const owned = stack.move();
  return {
    bed,
    api,
    run,
    async json(...argv) {
      const { code, out, err } = await run(...argv, '--json');
      if (code !== 0) throw new Error(`${argv.join(' ')} ended with ${code}: ${err}`);
      return out
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Record<string, unknown>);
    },
    files: join(bed.folder),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
