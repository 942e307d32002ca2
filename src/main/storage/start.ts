import { MessageChannel, Worker, type MessagePort } from 'node:worker_threads';
import { isPortcullisError, PortcullisError } from '#contract/errors.ts';
import type { Logger } from '#lib/log.ts';
import { connectRpc } from '#lib/rpc.ts';
import { OutboxRelay } from '#state/outbox-relay.ts';
import { migratePostgresState } from '#state/postgres/client.ts';
import type { StateCalls } from '#state/sqlite/calls.ts';
import { migrateSqliteState } from '#state/sqlite/client.ts';
import { connectStorage, type StorageConnection } from './connect.ts';
import type { AttachMessage, StorageControl } from './control-calls.ts';

export interface StorageOptions {
  readonly dataDir: string;
  readonly logger: Logger;
  /** `postgres://…` for the state database; the journal stays in `dataDir`. */
  readonly stateUrl?: string | undefined;
  /** How long a transaction may stay open before it is rolled back. */
  readonly transactionTimeoutMs?: number | undefined;
  /** The worker ended although nobody asked it to: nothing can be stored any more, so the server must stop. */
  readonly onFailure: (error: Error) => void;
}

export interface Storage extends StorageConnection {
  /** Carries the events of committed transactions to the stream; runs already. */
  readonly relay: OutboxRelay;
  /** A further connection for another thread: transfer it, and call `connectStorage` there. */
  newPort(): MessagePort;
}

const STOP_GUARD_MS = 10_000;

/**
 * Starts the storage worker: takes the data directory for this process, opens the files, brings the tables
 * up to date, and relays what an earlier run left in the outbox.
 *
 * @throws E_DATA_DIR_IN_USE, E_STATE_VERSION, E_STATE
 */
export async function startStorage(options: StorageOptions): Promise<Storage> {
  const { dataDir, logger, stateUrl, transactionTimeoutMs } = options;
  await using stack = new AsyncDisposableStack();
  const worker = stack.use(new StorageWorker(options.onFailure));
  await worker.open(dataDir);
  await migrateAll(worker, options);
  const connection = stack.use(
    await connectStorage({ port: worker.newPort(), logger, stateUrl, transactionTimeoutMs }),
  );
  const { state, stream } = connection;
  const relay = stack.use(new OutboxRelay({ state, logger, publish: (events) => stream.publish(events) }));
  const owned = stack.move();
  return {
    state,
    stream,
    relay,
    newPort: () => worker.newPort(),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function migrateAll(worker: StorageWorker, { stateUrl, logger }: StorageOptions): Promise<void> {
  if (stateUrl !== undefined) return migratePostgresState(stateUrl, logger);
  const port = worker.newPort();
  await migrateSqliteState(connectRpc<StateCalls>(port));
  port.close();
}

class StorageWorker implements AsyncDisposable {
  readonly #worker: Worker;
  readonly #control;
  readonly #exited = Promise.withResolvers<void>();
  #stopping = false;

  constructor(onFailure: (error: Error) => void) {
    this.#worker = new Worker(new URL('worker.ts', import.meta.url), {
      name: 'storage',
      execArgv: [],
    });
    this.#control = connectRpc<StorageControl>(this.#worker);
    let failure: unknown;
    this.#worker.on('error', (error) => {
      failure = error;
    });
    this.#worker.on('exit', () => {
      this.#exited.resolve();
      if (!this.#stopping) onFailure(failedError(failure));
    });
  }

  async open(dataDir: string): Promise<void> {
    try {
      await this.#control.call.storageOpen(dataDir);
    } catch (error) {
      throw openError(dataDir, error);
    }
  }

  newPort(): MessagePort {
    const { port1, port2 } = new MessageChannel();
    this.#worker.postMessage({ kind: 'attach', port: port2 } satisfies AttachMessage, [port2]);
    return port1;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping = true;
    const guard = setTimeout(() => void this.#worker.terminate(), STOP_GUARD_MS);
    // When it is gone already there is nothing left to close.
    await this.#control.call.storageClose().catch(() => {});
    await this.#exited.promise;
    clearTimeout(guard);
  }
}

function openError(dataDir: string, error: unknown): PortcullisError {
  const message = error instanceof Error ? error.message : String(error);
  if (isPortcullisError(error)) return new PortcullisError(error.code, message, { cause: error });
  return new PortcullisError(
    'E_STATE',
    `The databases in ${dataDir} cannot be opened: ${message}. Check that the directory exists, belongs to the user that runs the server, and is on a local disk with free space.`,
    { cause: error },
  );
}

function failedError(cause: unknown): PortcullisError {
  return new PortcullisError(
    'E_UNAVAILABLE',
    'The storage worker ended unexpectedly; nothing can be stored. Start the server again; the log says why.',
    cause === undefined ? {} : { cause },
  );
}
