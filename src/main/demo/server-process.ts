import { spawn, type ChildProcess } from 'node:child_process';
import { request } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** A Portcullis server as a process of its own, with its configuration in a folder. */
export interface ServerProcess extends AsyncDisposable {
  readonly pid: number;
  readonly dataDir: string;
  readonly sshPort: number;
  readonly httpUrl: string;
  /** The one-time set-up link, at the first start of a data folder. */
  readonly setupUrl: string | undefined;
  /** Milliseconds from spawn to ready. */
  readonly startedInMs: number;
  /** What the server wrote to standard error, newest part. */
  log(): string;
  /** A call as local administrator over the socket in the data folder. */
  api<T = unknown>(method: string, path: string, body?: unknown): Promise<ApiAnswer<T>>;
  /** `kill -9`. Resolves when the process is gone. */
  kill(): Promise<void>;
  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number | null>;
}

export interface ApiAnswer<T> {
  readonly status: number;
  readonly body: T;
}

const MAIN = join(import.meta.dirname, '..', 'main.ts');
const LOG_KEPT = 65_536;

interface Ready {
  readonly ssh: readonly string[];
  readonly http: readonly string[];
  readonly setupUrl?: string;
}

const portOf = (address: string | undefined): number => Number(address?.slice(address.lastIndexOf(':') + 1));

/** One request over the administrator's socket of a data folder. */
export function adminCall<T>(
  dataDir: string,
  method: string,
  path: string,
  body?: unknown,
): Promise<ApiAnswer<T>> {
  const { promise, resolve, reject } = Promise.withResolvers<ApiAnswer<T>>();
  const text = body === undefined ? undefined : JSON.stringify(body);
  const call = request(
    {
      socketPath: join(dataDir, 'admin.sock'),
      method,
      path,
      headers:
        text === undefined
          ? {}
          : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) },
    },
    (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const answer = Buffer.concat(chunks).toString('utf8');
        try {
          resolve({
            status: response.statusCode ?? 0,
            body: (answer === '' ? null : JSON.parse(answer)) as T,
          });
        } catch {
          resolve({ status: response.statusCode ?? 0, body: answer as T });
        }
      });
    },
  );
  call.on('error', reject);
  call.end(text);
  return promise;
}

function gone(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.exitCode);
  const { promise, resolve } = Promise.withResolvers<number | null>();
  child.once('exit', (code) => resolve(code));
  return promise;
}

export interface ServerOptions {
  readonly configFile: string;
  readonly dataDir: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Program and arguments put in front, e.g. strace. */
  readonly wrapper?: readonly string[] | undefined;
}

/** Starts the server and waits until it says that it is ready. */
export async function startServerProcess(options: ServerOptions): Promise<ServerProcess> {
  const startedAt = performance.now();
  const serve = [process.execPath, MAIN, 'serve', '--config', options.configFile, '--json'];
  const [command, ...args] = options.wrapper === undefined ? serve : [...options.wrapper, ...serve];
  const child = spawn(command ?? process.execPath, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...options.environment },
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString('utf8')).slice(-LOG_KEPT);
  });

  const ready = Promise.withResolvers<Ready>();
  child.once('error', ready.reject);
  child.once('exit', (code, signal) =>
    ready.reject(new Error(`the server ended before it was ready (${code ?? signal}):\n${said}`)),
  );
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (line.startsWith('{')) ready.resolve(JSON.parse(line) as Ready);
  });
  const state = await ready.promise;
  const startedInMs = performance.now() - startedAt;

  const kill = async (): Promise<void> => {
    const ended = gone(child);
    child.kill('SIGKILL');
    await ended;
  };
  const stop = (): Promise<number | null> => {
    const ended = gone(child);
    child.kill('SIGTERM');
    return ended;
  };
  return {
    pid: child.pid ?? 0,
    dataDir: options.dataDir,
    sshPort: portOf(state.ssh[0]),
    httpUrl: `http://${state.http[0] ?? ''}`,
    setupUrl: state.setupUrl,
    startedInMs,
    log: () => said,
    api: (method, path, body) => adminCall(options.dataDir, method, path, body),
    kill,
    stop,
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) await stop();
    },
  };
}
