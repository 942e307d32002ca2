import { Kysely } from 'kysely';
import type { RpcClient } from '#lib/rpc.ts';
import { migrate } from '../migrate.ts';
import type { EmittingState } from '../outbox-relay.ts';
import type { StateTables } from '../schema.ts';
import { createTransact, TRANSACTION_TIMEOUT_MS } from '../transact.ts';
import { EMITTED_NOTICE, type StateCalls } from './calls.ts';
import { readDialect, writeDialect } from './dialect.ts';

const MIGRATION_TIMEOUT_MS = 600_000;

/** The state database behind a port of the thread that owns it. Closing the port is the caller's. */
export function connectSqliteState(
  client: RpcClient<StateCalls>,
  timeoutMs: number = TRANSACTION_TIMEOUT_MS,
): EmittingState {
  const reader = new Kysely<StateTables>({ dialect: readDialect(client.call) });
  const writer = new Kysely<StateTables>({ dialect: writeDialect(client.call, timeoutMs) });
  const listeners = new Set<() => void>();
  client.onNotice(EMITTED_NOTICE, () => {
    for (const listener of listeners) listener();
  });
  return {
    reader,
    // The worker itself tells of commits that emitted, whichever client made them.
    transact: createTransact({ writer, timeoutMs }),
    onEmitted(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async [Symbol.asyncDispose]() {
      listeners.clear();
      await reader.destroy();
      await writer.destroy();
    },
  };
}

/** Brings the tables up to date. For the one process that owns the data directory, before anything else. */
export async function migrateSqliteState(client: RpcClient<StateCalls>): Promise<void> {
  const writer = new Kysely<StateTables>({ dialect: writeDialect(client.call, MIGRATION_TIMEOUT_MS) });
  await migrate(writer, 'sqlite', Date.now);
  await writer.destroy();
}
