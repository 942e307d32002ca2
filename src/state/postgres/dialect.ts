import {
  PostgresAdapter,
  PostgresDriver,
  PostgresIntrospector,
  PostgresQueryCompiler,
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type Kysely,
  type QueryResult,
  type TransactionSettings,
} from 'kysely';
import type { Pool } from 'pg';
import { bindValues } from '../bind-values.ts';
import { toStateError } from '../errors.ts';

/** Any fixed number: everybody who writes to this database takes the same lock. */
const WRITER_LOCK = 7_306_172_019;

/**
 * Checks values, maps errors and runs statements in the order in which they were made, as the other engine does;
 * everything else is Kysely's own connection.
 */
class CheckedConnection implements DatabaseConnection {
  readonly inner: DatabaseConnection;
  #last: Promise<unknown> = Promise.resolve();

  constructor(inner: DatabaseConnection) {
    this.inner = inner;
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    const run = this.#last.then(() =>
      this.inner.executeQuery<R>({ ...query, parameters: bindValues(query.parameters) }),
    );
    this.#last = run.catch(() => undefined);
    try {
      return await run;
    } catch (error) {
      throw error instanceof TypeError ? error : toStateError(error);
    }
  }

  async *streamQuery<R>(query: CompiledQuery): AsyncIterableIterator<QueryResult<R>> {
    yield await this.executeQuery<R>(query);
  }
}

class CheckedDriver implements Driver {
  readonly #inner: Driver;
  readonly #oneWriter: boolean;

  constructor(pool: Pool, oneWriter: boolean) {
    this.#inner = new PostgresDriver({ pool });
    this.#oneWriter = oneWriter;
  }

  init(): Promise<void> {
    return this.#inner.init();
  }

  async acquireConnection(): Promise<CheckedConnection> {
    try {
      return new CheckedConnection(await this.#inner.acquireConnection());
    } catch (error) {
      throw toStateError(error);
    }
  }

  async beginTransaction(connection: CheckedConnection, settings: TransactionSettings): Promise<void> {
    await this.#inner.beginTransaction(connection.inner, settings).catch(rethrow);
    if (!this.#oneWriter) return;
    try {
      // One writer at a time over all processes, as with the embedded database: what was read in a
      // transaction still holds when it writes, without row locks in every query.
      await connection.executeQuery(CompiledQuery.raw(`select pg_advisory_xact_lock(${WRITER_LOCK})`));
    } catch (error) {
      await this.#inner.rollbackTransaction(connection.inner).catch(() => {});
      throw error;
    }
  }

  async commitTransaction(connection: CheckedConnection): Promise<void> {
    await this.#inner.commitTransaction(connection.inner);
  }

  async rollbackTransaction(connection: CheckedConnection): Promise<void> {
    await this.#inner.rollbackTransaction(connection.inner).catch(rethrow);
  }

  async releaseConnection(connection: CheckedConnection): Promise<void> {
    await this.#inner.releaseConnection(connection.inner);
  }

  destroy(): Promise<void> {
    return this.#inner.destroy();
  }
}

function rethrow(error: unknown): never {
  throw toStateError(error);
}

/** With `oneWriter`, its transactions exclude each other over all processes on the same database. */
export function postgresDialect(pool: Pool, oneWriter: boolean): Dialect {
  return {
    createDriver: () => new CheckedDriver(pool, oneWriter),
    createAdapter: () => new PostgresAdapter(),
    createQueryCompiler: () => new PostgresQueryCompiler(),
    createIntrospector: (db: Kysely<unknown>) => new PostgresIntrospector(db),
  };
}
