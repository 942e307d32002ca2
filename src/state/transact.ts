import { AsyncLocalStorage } from 'node:async_hooks';
import type { ControlledTransaction, Kysely } from 'kysely';
import type { EventRecord } from '#contract/event.ts';
import { StateError, toStateError } from './errors.ts';
import type { StateTables } from './schema.ts';
import type { State, StateTransaction } from './state.ts';

/** How long a transaction may stay open before it is rolled back. */
export const TRANSACTION_TIMEOUT_MS = 10_000;
const OUTBOX_ROWS_PER_INSERT = 500;

interface Scope {
  open: boolean;
}

export interface TransactOptions {
  /** Its transactions are granted one at a time. */
  readonly writer: Kysely<StateTables>;
  readonly timeoutMs: number;
  /** In a transaction that has added to the outbox, last thing before its commit. */
  readonly beforeEmittingCommit?: (tx: StateTransaction) => Promise<void>;
}

/** `transact` as the `State` port promises it, for any engine. */
export function createTransact(options: TransactOptions): State['transact'] {
  const scopes = new AsyncLocalStorage<Scope>();

  return async (work) => {
    if (scopes.getStore()?.open === true) {
      throw new StateError(
        'other',
        'transact() inside transact() would wait for itself: use the transaction that was handed in, or start after it has ended.',
      );
    }
    const tx = await options.writer.startTransaction().execute().catch(rethrow);
    const scope: Scope = { open: true };
    const events: EventRecord[] = [];
    const emit = (event: EventRecord): void => {
      if (!scope.open)
        throw new StateError('ended', 'The transaction has ended; its events are gone with it.');
      events.push(event);
    };
    try {
      const value = await within(
        options.timeoutMs,
        scopes.run(scope, () => work(tx, emit)),
      );
      scope.open = false;
      if (events.length > 0) {
        await writeOutbox(tx, events);
        await options.beforeEmittingCommit?.(tx);
      }
      await tx.commit().execute().catch(rethrow);
      return value;
    } catch (error) {
      scope.open = false;
      // What matters is why the work failed; a rollback that fails too changes nothing: the engine does it.
      if (!tx.isCommitted && !tx.isRolledBack) await tx.rollback().execute().catch(ignore);
      throw error;
    }
  };
}

function ignore(): void {}

function rethrow(error: unknown): never {
  throw toStateError(error);
}

async function writeOutbox(
  tx: ControlledTransaction<StateTables>,
  events: readonly EventRecord[],
): Promise<void> {
  for (let start = 0; start < events.length; start += OUTBOX_ROWS_PER_INSERT) {
    const rows = events
      .slice(start, start + OUTBOX_ROWS_PER_INSERT)
      .map((event) => ({ eventId: event.id, event: JSON.stringify(event) }));
    await tx
      .insertInto('event_outbox')
      .values(rows)
      // The same change reported twice is one event.
      .onConflict((conflict) => conflict.column('eventId').doNothing())
      .execute();
  }
}

async function within<T>(timeoutMs: number, work: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    late.reject(
      new StateError(
        'timeout',
        `A transaction was not finished after ${timeoutMs} ms and was rolled back. Nothing of it is stored; do less in one, and wait for nothing inside it.`,
      ),
    );
  }, timeoutMs);
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
