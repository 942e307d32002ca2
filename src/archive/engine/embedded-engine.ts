import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { PortcullisError } from '#contract/errors.ts';
import type { Logger } from '#lib/log.ts';
import { Secret } from '#lib/secret.ts';
import { EngineProcess } from './engine-process.ts';

export interface EngineRestart {
  /** Why the process before ended. */
  readonly reason: string;
  /** How long nobody answered. */
  readonly downMs: number;
  /** Restarts since the server started, this one included. */
  readonly restarts: number;
}

export interface EmbeddedEngineOptions {
  /** The engine's files go to `archive` in it. */
  readonly dataDir: string;
  /** What the engine may allocate. Its process takes up to 150 MB more. */
  readonly memoryBytes: number;
  /** With less free on the disk nothing is inserted or merged. */
  readonly keepFreeBytes: number;
  readonly logger: Logger;
  /** Called when the engine answers again after an unexpected end. */
  readonly onRestart?: (restart: EngineRestart) => void;
  /** How long to wait for files that the engine of a killed server still holds. */
  readonly filesFreeWithinMs?: number;
}

/** The engine as a ClickHouse server on loopback; the address and the password last as long as this object. */
export interface EmbeddedEngine extends AsyncDisposable {
  readonly url: string;
  readonly username: string;
  readonly password: Secret;
  status(): EngineStatus;
}

export interface EngineStatus {
  readonly running: boolean;
  readonly pid: number | undefined;
  readonly rssBytes: number;
  readonly restarts: number;
}

const FIRST_BACK_OFF_MS = 50;
const LONGEST_BACK_OFF_MS = 5_000;
/** A process that lived this long was not in a crash loop. */
const STABLE_MS = 10_000;
/** An earlier server that was killed leaves its engine holding the files until it has noticed. */
const FILES_FREE_WITHIN_MS = 20_000;
const MOST_WAITING = 64;
const WAIT_FOR_RESTART_MS = 3_000;

/** Starts the engine process and keeps it running. Resolves when it answers. */
export async function startEmbeddedEngine(options: EmbeddedEngineOptions): Promise<EmbeddedEngine> {
  const path = join(options.dataDir, 'archive');
  await mkdir(path, { recursive: true, mode: 0o700 });
  const supervisor = new EngineSupervisor(path, options);
  await supervisor.listen();
  try {
    await supervisor.start();
  } catch (error) {
    await supervisor[Symbol.asyncDispose]();
    throw error;
  }
  return supervisor;
}

/**
 * Holds the listening socket itself and hands connections to the process: so the port stays ours while the
 * process is down, and nobody else on the machine can stand in for it.
 */
class EngineSupervisor implements EmbeddedEngine {
  readonly username = 'portcullis';
  readonly password = new Secret(randomBytes(32).toString('base64url'));
  readonly #path: string;
  readonly #options: EmbeddedEngineOptions;
  readonly #listener: Server;
  readonly #waiting = new Set<Socket>();
  readonly #closing = new AbortController();
  #running: EngineProcess | undefined;
  #supervision: Promise<void> = Promise.resolve();
  #restarts = 0;
  #port = 0;

  constructor(path: string, options: EmbeddedEngineOptions) {
    this.#path = path;
    this.#options = options;
    this.#listener = createServer({ pauseOnConnect: true }, (socket) => this.#handOver(socket));
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  status(): EngineStatus {
    const running = this.#running;
    return {
      running: running !== undefined,
      pid: running?.pid,
      rssBytes: running?.rssBytes ?? 0,
      restarts: this.#restarts,
    };
  }

  async listen(): Promise<void> {
    const listening = Promise.withResolvers<void>();
    this.#listener.on('error', listening.reject);
    this.#listener.listen({ host: '127.0.0.1', port: 0 }, listening.resolve);
    await listening.promise;
    this.#port = (this.#listener.address() as AddressInfo).port;
  }

  /** The first start; from then on the process is kept running. */
  async start(): Promise<void> {
    const giveUpAt = performance.now() + (this.#options.filesFreeWithinMs ?? FILES_FREE_WITHIN_MS);
    for (;;) {
      const engine = this.#launch();
      try {
        const version = await engine.ready;
        this.#options.logger.info({ pid: engine.pid, version }, 'archive engine is ready');
        this.#enter(engine);
        this.#supervision = this.#supervise(engine);
        return;
      } catch {
        const reason = await engine.ended;
        const held = reason.includes('Cannot lock file');
        if (!held || performance.now() > giveUpAt) throw cannotStart(this.#path, reason, held);
        await delay(2 * FIRST_BACK_OFF_MS);
      }
    }
  }

  async #supervise(first: EngineProcess): Promise<void> {
    let engine = first;
    let backOffMs = FIRST_BACK_OFF_MS;
    let startedAt = performance.now();
    for (;;) {
      const reason = await engine.ended;
      this.#running = undefined;
      if (this.#closing.signal.aborted) return;
      const downAt = performance.now();
      if (downAt - startedAt > STABLE_MS) backOffMs = FIRST_BACK_OFF_MS;
      this.#options.logger.error({ reason, backOffMs }, 'archive engine ended; starting it again');
      const next = await this.#restart(backOffMs);
      if (next === undefined) return;
      engine = next;
      startedAt = performance.now();
      backOffMs = Math.min(2 * backOffMs, LONGEST_BACK_OFF_MS);
      this.#restarts += 1;
      const downMs = Math.round(startedAt - downAt);
      this.#options.logger.info({ pid: engine.pid, downMs }, 'archive engine answers again');
      this.#enter(engine);
      this.#options.onRestart?.({ reason, downMs, restarts: this.#restarts });
    }
  }

  /** Tries until it answers; undefined when the server stops meanwhile. */
  async #restart(firstBackOffMs: number): Promise<EngineProcess | undefined> {
    for (let backOffMs = firstBackOffMs; ; backOffMs = Math.min(2 * backOffMs, LONGEST_BACK_OFF_MS)) {
      const { signal } = this.#closing;
      await delay(backOffMs, undefined, { signal }).catch(() => {});
      if (signal.aborted) return undefined;
      const engine = this.#launch();
      const stop = (): void => void engine.stop();
      signal.addEventListener('abort', stop, { once: true });
      try {
        await engine.ready;
        return engine;
      } catch {
        const reason = await engine.ended;
        this.#options.logger.error({ reason, backOffMs }, 'archive engine does not start');
      } finally {
        signal.removeEventListener('abort', stop);
      }
    }
  }

  #launch(): EngineProcess {
    const { memoryBytes, keepFreeBytes, logger } = this.#options;
    return new EngineProcess({
      path: this.#path,
      memoryBytes,
      keepFreeBytes,
      logger,
      username: this.username,
      password: this.password.expose(),
    });
  }

  #enter(engine: EngineProcess): void {
    this.#running = engine;
    for (const socket of this.#waiting) engine.accept(socket);
    this.#waiting.clear();
  }

  #handOver(socket: Socket): void {
    socket.on('error', () => socket.destroy());
    if (this.#running !== undefined) this.#running.accept(socket);
    else if (this.#waiting.size < MOST_WAITING && !this.#closing.signal.aborted) this.#keepWaiting(socket);
    else socket.destroy();
  }

  /** For a restart that takes long, an error soon is better than an answer late. */
  #keepWaiting(socket: Socket): void {
    const giveUp = (): void => {
      if (this.#waiting.delete(socket)) socket.destroy();
    };
    this.#waiting.add(socket);
    setTimeout(giveUp, WAIT_FOR_RESTART_MS).unref();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    this.#listener.close();
    for (const socket of this.#waiting) socket.destroy();
    await this.#running?.stop();
    await this.#supervision;
  }
}

function cannotStart(path: string, reason: string, held: boolean): PortcullisError {
  return held
    ? new PortcullisError(
        'E_DATA_DIR_IN_USE',
        `Another process has the archive in ${path} open. Stop it first.`,
      )
    : new PortcullisError(
        'E_ARCHIVE',
        `The archive engine does not start: ${reason}. Its files are in ${path}; the log has what it said.`,
      );
}
