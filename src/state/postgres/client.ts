import { Kysely, sql } from 'kysely';
import { Pool, types, type PoolConfig } from 'pg';
import type { Logger } from '#lib/log.ts';
import { migrate } from '../migrate.ts';
import type { EmittingState } from '../outbox-relay.ts';
import type { StateTables } from '../schema.ts';
import { createTransact, TRANSACTION_TIMEOUT_MS } from '../transact.ts';
import { postgresDialect } from './dialect.ts';
import { OUTBOX_CHANNEL, OutboxNotices } from './notices.ts';

export interface PostgresOptions {
  /** `postgres://user:password@host:port/database` */
  readonly url: string;
  readonly logger: Logger;
  /** Brings the tables up to date first. */
  readonly migrate: boolean;
  /** How long a transaction may stay open before it is rolled back. */
  readonly timeoutMs?: number | undefined;
}

const READERS = 10;
const WRITERS = 2;
const CONNECT_TIMEOUT_MS = 10_000;
const MIGRATION_TIMEOUT_MS = 600_000;
/** A statement of a transaction also waits for its turn to write. */
const STATEMENT_TIMEOUT_MS = 30_000;

/** 64-bit integers and sums as numbers: times, positions and counts stay below 2^53. */
const getTypeParser: typeof types.getTypeParser = (oid, format) =>
  oid === types.builtins.INT8 || oid === types.builtins.NUMERIC ? Number : types.getTypeParser(oid, format);

function poolConfig(url: string): PoolConfig {
  return {
    connectionString: url,
    application_name: 'portcullis',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    types: { getTypeParser },
  };
}

/** The state database on a PostgreSQL server. */
export async function openPostgresState(options: PostgresOptions): Promise<EmittingState> {
  const { url, logger, timeoutMs = TRANSACTION_TIMEOUT_MS } = options;
  if (options.migrate) await migratePostgresState(url, logger);
  const readPool = new Pool({
    ...poolConfig(url),
    max: READERS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    options: '-c default_transaction_read_only=on',
  });
  const writePool = new Pool({
    ...poolConfig(url),
    max: WRITERS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    // Frees the writer when this process hangs or its machine is gone.
    idle_in_transaction_session_timeout: timeoutMs,
  });
  for (const pool of [readPool, writePool]) surviveLoss(pool, logger);
  const reader = new Kysely<StateTables>({ dialect: postgresDialect(readPool, false) });
  const writer = new Kysely<StateTables>({ dialect: postgresDialect(writePool, true) });
  const notices = new OutboxNotices(poolConfig(url), logger);
  return {
    reader,
    transact: createTransact({
      writer,
      timeoutMs,
      beforeEmittingCommit: async (tx) => {
        await sql`select pg_notify(${OUTBOX_CHANNEL}, '')`.execute(tx);
      },
    }),
    onEmitted: (listener) => notices.listen(listener),
    async [Symbol.asyncDispose]() {
      await notices[Symbol.asyncDispose]();
      await reader.destroy();
      await writer.destroy();
    },
  };
}

/**
 * A connection that the server ends while nothing is asked of it, idle or inside a transaction: the next query
 * on it fails, the next transaction opens another. Without a listener the process would end.
 */
function surviveLoss(pool: Pool, logger: Logger): void {
  const lost = (error: Error): void => logger.warn({ err: error }, 'connection to PostgreSQL lost');
  pool.on('error', lost);
  pool.on('connect', (client) => client.on('error', lost));
}

/** Brings the tables up to date; several processes may try at once. */
export async function migratePostgresState(url: string, logger: Logger): Promise<void> {
  const pool = new Pool({ ...poolConfig(url), max: 1, statement_timeout: MIGRATION_TIMEOUT_MS });
  surviveLoss(pool, logger);
  const writer = new Kysely<StateTables>({ dialect: postgresDialect(pool, true) });
  try {
    await migrate(writer, 'postgres', Date.now);
  } finally {
    await writer.destroy();
  }
}
