import type { SqlValue } from '../bind-values.ts';

export interface SqlResult {
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  /** Rows that an insert, update or delete touched; absent when the statement returned rows. */
  readonly changes?: number;
  readonly insertId?: number;
}

/**
 * What the storage worker answers about the state database. A transaction is the number that `stateBegin`
 * gave; it belongs to the port it was begun on.
 */
export type StateCalls = {
  /** A statement outside any transaction, on a connection that cannot write. */
  readonly stateRead: (sql: string, values: readonly SqlValue[]) => SqlResult;
  /** Waits until every earlier transaction has ended, then begins one that may stay open for this long. */
  readonly stateBegin: (timeoutMs: number) => Promise<number>;
  readonly stateQuery: (transaction: number, sql: string, values: readonly SqlValue[]) => SqlResult;
  readonly stateCommit: (transaction: number) => void;
  readonly stateRollback: (transaction: number) => void;
};

/** Sent to every port after a commit that added to the event outbox. */
export const EMITTED_NOTICE = 'stateEmitted';
