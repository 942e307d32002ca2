import { createLogger } from '#lib/log.ts';
import type { EmittingState } from '#state/outbox-relay.ts';
import { openPostgresState } from '#state/postgres/client.ts';
import { openStorage } from '../testbed/storage.ts';
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

/** SQLite behind the storage worker, with the relay stopped so that the outbox can be looked at. */
const sqlite: Backend = {
  name: 'SQLite in the storage worker',
  async open(options) {
    await using stack = new AsyncDisposableStack();
    const { storage } = stack.use(await openStorage(options?.timeoutMs));
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
