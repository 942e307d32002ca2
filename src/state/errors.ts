import { isPortcullisError, PortcullisError, type ErrorCode } from '#contract/errors.ts';

/** Why the database refused, in words that both engines share. */
export type StateFailure =
  | 'unique'
  | 'foreign-key'
  | 'check'
  | 'not-null'
  | 'text'
  | 'disk-full'
  | 'timeout'
  | 'ended'
  | 'unavailable'
  | 'other';

const CODES: Readonly<Record<StateFailure, ErrorCode>> = {
  unique: 'E_CONFLICT',
  'foreign-key': 'E_CONFLICT',
  check: 'E_STATE',
  'not-null': 'E_STATE',
  text: 'E_INPUT',
  'disk-full': 'E_DISK_FULL',
  timeout: 'E_STATE',
  ended: 'E_STATE',
  unavailable: 'E_UNAVAILABLE',
  other: 'E_STATE',
};

export class StateError extends PortcullisError {
  readonly failure: StateFailure;
  /** The table of a violated constraint, where the engine names it. */
  readonly table: string | null;

  constructor(
    failure: StateFailure,
    message: string,
    options: { readonly table?: string; readonly cause?: unknown } = {},
  ) {
    super(CODES[failure], message, options.cause === undefined ? {} : { cause: options.cause });
    this.failure = failure;
    this.table = options.table ?? null;
  }
}

/** True when a row with the same unique key exists already; with a table, only for that table. */
export function isUniqueViolation(error: unknown, table?: string): boolean {
  return (
    error instanceof StateError &&
    error.failure === 'unique' &&
    (table === undefined || error.table === table)
  );
}

function isFailure(word: unknown): word is StateFailure {
  return typeof word === 'string' && Object.hasOwn(CODES, word);
}

/** Extended result codes of SQLite (https://sqlite.org/rescode.html). */
function sqliteFailure(errcode: number): StateFailure {
  switch (errcode) {
    case 2067: // SQLITE_CONSTRAINT_UNIQUE
    case 1555: // SQLITE_CONSTRAINT_PRIMARYKEY
      return 'unique';
    case 787: // SQLITE_CONSTRAINT_FOREIGNKEY
      return 'foreign-key';
    case 275: // SQLITE_CONSTRAINT_CHECK
      return 'check';
    case 1299: // SQLITE_CONSTRAINT_NOTNULL
      return 'not-null';
    default:
      return (errcode & 0xff) === 13 ? 'disk-full' : 'other'; // 13: SQLITE_FULL
  }
}

/** SQLSTATE classes of PostgreSQL (its manual, appendix A). */
function postgresFailure(sqlState: string): StateFailure {
  switch (sqlState) {
    case '23505':
      return 'unique';
    case '23503':
      return 'foreign-key';
    case '23514':
      return 'check';
    case '23502':
      return 'not-null';
    case '22021': // character_not_in_repertoire: U+0000, which no text of PostgreSQL may hold
    case '22P05': // untranslatable_character: the same in JSON
      return 'text';
    case '53100':
      return 'disk-full';
    case '57014': // query_canceled, by statement_timeout
    case '25P03': // idle_in_transaction_session_timeout
    case '55P03': // lock_not_available
      return 'timeout';
    default:
      return /^(08|57P)/.test(sqlState) ? 'unavailable' : 'other';
  }
}

/** The table in `UNIQUE constraint failed: users.usernameKey`. */
function sqliteTable(message: string): string | undefined {
  return /constraint failed: ([A-Za-z_]+)\./.exec(message)?.[1];
}

const NETWORK = new Set(['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'ETIMEDOUT', 'EPIPE', 'EHOSTUNREACH']);

/** What an engine, a driver or the other thread threw, as one kind of error. The only place that maps. */
export function toStateError(error: unknown): PortcullisError {
  if (error instanceof PortcullisError) return error;
  if (!(error instanceof Error)) return new StateError('other', String(error));
  if (isPortcullisError(error)) {
    // It crossed a thread and lost its class.
    const failure = 'failure' in error && isFailure(error.failure) ? error.failure : undefined;
    if (failure === undefined) return new PortcullisError(error.code, error.message, { cause: error });
    const table = 'table' in error && typeof error.table === 'string' ? { table: error.table } : {};
    return new StateError(failure, error.message, { ...table, cause: error });
  }
  if ('errcode' in error && typeof error.errcode === 'number') {
    const table = sqliteTable(error.message);
    return new StateError(sqliteFailure(error.errcode), `The state database refused: ${error.message}`, {
      ...(table === undefined ? {} : { table }),
      cause: error,
    });
  }
  if ('code' in error && typeof error.code === 'string') {
    const failure = NETWORK.has(error.code)
      ? 'unavailable'
      : /^[0-9A-Z]{5}$/.test(error.code)
        ? postgresFailure(error.code)
        : 'other';
    const table = 'table' in error && typeof error.table === 'string' ? { table: error.table } : {};
    return new StateError(failure, `The state database refused: ${error.message}`, {
      ...table,
      cause: error,
    });
  }
  return new StateError('unavailable', `The state database cannot be reached: ${error.message}`, {
    cause: error,
  });
}
