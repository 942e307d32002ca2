import {
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type Kysely,
  type QueryResult,
} from 'kysely';
import type { Remote } from '#lib/rpc.ts';
import { bindValues } from '../bind-values.ts';
import { StateError, toStateError } from '../errors.ts';
import type { SqlResult, StateCalls } from './calls.ts';

type Calls = Remote<StateCalls>;

async function run<R>(answer: Promise<SqlResult>): Promise<QueryResult<R>> {
  try {
    const { rows, changes, insertId } = await answer;
    return {
      rows: rows as R[],
      ...(changes === undefined ? {} : { numAffectedRows: BigInt(changes) }),
      ...(insertId === undefined ? {} : { insertId: BigInt(insertId) }),
    };
  } catch (error) {
    throw toStateError(error);
  }
}

abstract class Connection implements DatabaseConnection {
  abstract executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>>;

  async *streamQuery<R>(query: CompiledQuery): AsyncIterableIterator<QueryResult<R>> {
    yield await this.executeQuery<R>(query);
  }
}

class ReadConnection extends Connection {
  readonly #calls: Calls;

  constructor(calls: Calls) {
    super();
    this.#calls = calls;
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    return run<R>(this.#calls.stateRead(query.sql, bindValues(query.parameters)));
  }
}

class WriteConnection extends Connection {
  readonly #calls: Calls;
  readonly #timeoutMs: number;
  #transaction: number | undefined;

  constructor(calls: Calls, timeoutMs: number) {
    super();
    this.#calls = calls;
    this.#timeoutMs = timeoutMs;
  }

  async begin(): Promise<void> {
    this.#transaction = await this.#calls.stateBegin(this.#timeoutMs).catch(rethrow);
  }

  async commit(): Promise<void> {
    await this.#calls.stateCommit(this.#take()).catch(rethrow);
  }

  async rollback(): Promise<void> {
    await this.#calls.stateRollback(this.#take()).catch(rethrow);
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    if (this.#transaction === undefined)
      throw new StateError('ended', 'Writing needs a transaction: use transact().');
    return run<R>(this.#calls.stateQuery(this.#transaction, query.sql, bindValues(query.parameters)));
  }

  #take(): number {
    const transaction = this.#transaction;
    if (transaction === undefined) throw new StateError('ended', 'The transaction has ended already.');
    this.#transaction = undefined;
    return transaction;
  }
}

function rethrow(error: unknown): never {
  throw toStateError(error);
}

abstract class RemoteDriver implements Driver {
  init(): Promise<void> {
    return Promise.resolve();
  }
  abstract acquireConnection(): Promise<DatabaseConnection>;
  abstract beginTransaction(connection: DatabaseConnection): Promise<void>;
  abstract commitTransaction(connection: DatabaseConnection): Promise<void>;
  abstract rollbackTransaction(connection: DatabaseConnection): Promise<void>;
  releaseConnection(): Promise<void> {
    return Promise.resolve();
  }
  destroy(): Promise<void> {
    return Promise.resolve();
  }
}

class ReadDriver extends RemoteDriver {
  readonly #connection: ReadConnection;

  constructor(calls: Calls) {
    super();
    this.#connection = new ReadConnection(calls);
  }

  acquireConnection(): Promise<DatabaseConnection> {
    return Promise.resolve(this.#connection);
  }

  beginTransaction(): Promise<void> {
    return Promise.reject(new StateError('other', 'The reader has no transactions: use transact().'));
  }
  commitTransaction(): Promise<void> {
    return Promise.resolve();
  }
  rollbackTransaction(): Promise<void> {
    return Promise.resolve();
  }
}

class WriteDriver extends RemoteDriver {
  readonly #calls: Calls;
  readonly #timeoutMs: number;

  constructor(calls: Calls, timeoutMs: number) {
    super();
    this.#calls = calls;
    this.#timeoutMs = timeoutMs;
  }

  acquireConnection(): Promise<DatabaseConnection> {
    return Promise.resolve(new WriteConnection(this.#calls, this.#timeoutMs));
  }
  beginTransaction(connection: WriteConnection): Promise<void> {
    return connection.begin();
  }
  commitTransaction(connection: WriteConnection): Promise<void> {
    return connection.commit();
  }
  rollbackTransaction(connection: WriteConnection): Promise<void> {
    return connection.rollback();
  }
}

function dialect(createDriver: () => Driver): Dialect {
  return {
    createDriver,
    createAdapter: () => new SqliteAdapter(),
    createQueryCompiler: () => new SqliteQueryCompiler(),
    createIntrospector: (db: Kysely<unknown>) => new SqliteIntrospector(db),
  };
}

/** Statements outside transactions, on the connection of the storage worker that cannot write. */
export function readDialect(calls: Calls): Dialect {
  return dialect(() => new ReadDriver(calls));
}

/** Transactions only, one at a time over all clients; each may stay open for `timeoutMs`. */
export function writeDialect(calls: Calls, timeoutMs: number): Dialect {
  return dialect(() => new WriteDriver(calls, timeoutMs));
}
