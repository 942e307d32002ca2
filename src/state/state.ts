import type { Kysely, Transaction } from 'kysely';
import type { EventRecord } from '#contract/event.ts';
import type { StateTables } from './schema.ts';

export type StateReader = Kysely<StateTables>;
export type StateTransaction = Transaction<StateTables>;

/**
 * The state database. Reads go through `reader`; every change goes through `transact`, one writer at a time,
 * and its events are committed with it. A query on `reader` inside `transact` would wait for itself: use the
 * transaction that is handed in.
 */
export interface State extends AsyncDisposable {
  readonly reader: StateReader;
  /**
   * Runs the work in one transaction. Events added with `emit` are written to the outbox in the same
   * transaction and relayed to the stream at least once, with the same ids, after the commit.
   */
  transact<T>(work: (tx: StateTransaction, emit: EmitEvent) => Promise<T>): Promise<T>;
}

export type EmitEvent = (event: EventRecord) => void;
