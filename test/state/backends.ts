import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '#lib/log.ts';
import { startStorage } from '#main/storage/start.ts';
import type { EmittingState } from '#state/outbox-relay.ts';
import { openPostgresState } from '#state/postgres/client.ts';
import { findPostgres, type PostgresServer } from './postgres-server.ts';

interface OpenedState extends AsyncDisposable {
  readonly state: EmittingState;
}

/** One engine under test. Each `open` gives an empty database with all tables. */
export interface Backend {
  readonly name: string;
  open(options?: { readonly timeoutMs?: number }): Promise<OpenedState>;
}

export const logger = createLogger('silent');

export async function tempFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'portcullis-test-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** SQLite behind the storage worker, with the relay stopped so that the outbox can be looked at. */
const sqlite: Backend = {
  name: 'SQLite in the storage worker',
  async open(options) {
    await using stack = new AsyncDisposableStack();
    const folder = stack.use(await tempFolder());
    const storage = stack.use(
      await startStorage({
        dataDir: folder.path,
        logger,
        transactionTimeoutMs: options?.timeoutMs,
        onFailure: (error) => {
          throw error;
        },
      }),
    );
    await storage.relay[Symbol.asyncDispose]();
    const owned = stack.move();
    return { state: storage.state, [Symbol.asyncDispose]: () => owned.disposeAsync() };
  },
};

function postgres(server: PostgresServer): Backend {
  return {
    name: 'PostgreSQL',
    async open(options) {
      const url = await server.newDatabase();
      const state = await openPostgresState({ url, logger, migrate: true, timeoutMs: options?.timeoutMs });
      return { state, [Symbol.asyncDispose]: () => state[Symbol.asyncDispose]() };
    },
  };
}

export async function stateBackends(): Promise<{
  readonly backends: readonly Backend[];
  readonly close: () => Promise<void>;
}> {
  const server = await findPostgres();
  return {
    backends: server === undefined ? [sqlite] : [sqlite, postgres(server)],
    close: async () => server?.[Symbol.asyncDispose](),
  };
}
