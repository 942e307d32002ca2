import { fork, type ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { printable } from '#lib/printable.ts';
import type { Logger } from '#lib/log.ts';
import { ALIVE_EVERY_MS, type FromEngine, type ToEngine } from './engine-messages.ts';

export interface EngineProcessOptions {
  readonly path: string;
  readonly memoryBytes: number;
  readonly keepFreeBytes: number;
  readonly username: string;
  readonly password: string;
  readonly logger: Logger;
}

const MAIN = fileURLToPath(new URL('./engine-main.ts', import.meta.url));
const READY_WITHIN_MS = 60_000;
const SILENT_FOR_MS = 9 * ALIVE_EVERY_MS;
const STOP_WITHIN_MS = 15_000;
/** What the process may take beyond the engine's own limit: Node, code, results on their way out. */
const ROOM_BEYOND_LIMIT_BYTES = 600 * 2 ** 20;

/** One life of the engine process. */
export class EngineProcess {
  readonly #child: ChildProcess;
  readonly #ready = Promise.withResolvers<string>();
  readonly #ended = Promise.withResolvers<string>();
  readonly #logger: Logger;
  readonly #watch: NodeJS.Timeout;
  #heardAt = performance.now();
  #reason: string | undefined;
  #failure: string | undefined;
  #lastLine = '';
  /**
   * Handed over and not known to have arrived, oldest first. Kept open here: Node forgets those that are under way when
   * the process dies, and whoever asked would wait for an answer.
   */
  readonly #handedOver: Socket[] = [];
  #rssBytes = 0;

  constructor(options: EngineProcessOptions) {
    this.#logger = options.logger;
    this.#child = fork(MAIN, [], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      execArgv: ['--max-old-space-size=256'],
      // Statements run on the thread pool. Nothing else of the environment is the engine's business.
      env: { UV_THREADPOOL_SIZE: '8', TZ: 'UTC' },
    });
    this.#ready.promise.catch(() => {});
    this.#child.on('message', (message: FromEngine) => this.#hear(message, options.memoryBytes));
    this.#child.on('error', (error) => this.#end(`it cannot be run: ${error.message}`));
    const said = [this.#listen(this.#child.stdout), this.#listen(this.#child.stderr)];
    this.#child.on('exit', (code, signal) => {
      const how = signal === null ? `it ended with exit code ${code}` : `it was ended by ${signal}`;
      // What it said last is often the reason, and may still be on its way.
      void Promise.all(said).then(() => this.#end(how));
    });
    this.#watch = setInterval(() => this.#checkAlive(), ALIVE_EVERY_MS).unref();
    const { path, memoryBytes, keepFreeBytes, username, password } = options;
    this.#tell({ kind: 'start', path, memoryBytes, keepFreeBytes, username, password });
  }

  /** The engine's version, once it answers; fails when it ends before. */
  get ready(): Promise<string> {
    return this.#ready.promise;
  }

  /** Why it ended, once it has. */
  get ended(): Promise<string> {
    return this.#ended.promise;
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get rssBytes(): number {
    return this.#rssBytes;
  }

  /** Hands an accepted connection over. */
  accept(socket: Socket): void {
    if (!this.#child.connected) {
      socket.destroy();
      return;
    }
    this.#handedOver.push(socket);
    this.#child.send({ kind: 'connection' } satisfies ToEngine, socket, { keepOpen: true }, (error) => {
      if (error !== null) socket.destroy();
    });
  }

  /** Lets it finish and close its files; ends it when that takes too long. */
  async stop(): Promise<void> {
    this.#tell({ kind: 'stop' });
    const timer = setTimeout(() => this.#kill('it did not stop when asked'), STOP_WITHIN_MS);
    await this.ended;
    clearTimeout(timer);
  }

  #hear(message: FromEngine, memoryBytes: number): void {
    this.#heardAt = performance.now();
    if (message.kind === 'ready') this.#ready.resolve(message.version);
    else if (message.kind === 'failed') this.#failure = message.message;
    // The process has it: what is open here is only a second handle.
    else if (message.kind === 'connected') this.#handedOver.shift()?.destroy();
    else {
      this.#rssBytes = message.rssBytes;
      if (message.rssBytes > memoryBytes + ROOM_BEYOND_LIMIT_BYTES)
        this.#kill('it took more memory than it may');
    }
  }

  #checkAlive(): void {
    const silentMs = performance.now() - this.#heardAt;
    if (silentMs > Math.max(SILENT_FOR_MS, READY_WITHIN_MS)) this.#kill('it did not answer any more');
  }

  #kill(reason: string): void {
    this.#reason ??= reason;
    this.#child.kill('SIGKILL');
  }

  #end(how: string): void {
    clearInterval(this.#watch);
    for (const socket of this.#handedOver.splice(0)) socket.destroy();
    const failure = this.#failure === undefined ? how : `${this.#failure}; ${this.#lastLine}`;
    const reason = this.#reason ?? failure;
    this.#ready.reject(new Error(reason));
    this.#ended.resolve(reason);
  }

  #tell(message: ToEngine): void {
    if (this.#child.connected) this.#child.send(message, () => undefined);
  }

  /** Logs what it prints; resolves when it prints no more. */
  #listen(output: Readable | null): Promise<void> {
    const silent = Promise.withResolvers<void>();
    if (output === null) return Promise.resolve();
    const lines = createInterface({ input: output });
    lines.on('line', (line) => {
      this.#lastLine = printable(line, 500);
      this.#logger.warn({ line: this.#lastLine }, 'archive engine says');
    });
    lines.on('close', silent.resolve);
    return silent.promise;
  }
}
