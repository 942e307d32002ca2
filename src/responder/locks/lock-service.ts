import { makeEvent } from '#contract/event.ts';
import type { Lock, LockMode, LockTargetKind } from '#contract/resources/lock.ts';
import type { Containment } from '#contract/resources/session.ts';
import type { Acknowledgement, Control, LiveSession } from '#control/control.ts';
import { derivedId, newId } from '#lib/ids.ts';
import type { Clock } from '#lib/time.ts';
import type { LockRow } from '#state/schema.ts';
import type { EmitEvent, State, StateTransaction } from '#state/state.ts';
import type { Stream } from '#stream/stream.ts';
import { endLocks, whoIsLocked } from './end-locks.ts';
import { lockOf, locksInForce, lockTargetKey, readLocksInForce } from './lock-row.ts';

export interface NewLock {
  /** Given when the same lock may be added again after a crash: then it is stored once. */
  readonly id?: string;
  readonly targetKind: LockTargetKind;
  readonly target: string;
  readonly mode: LockMode;
  readonly reason: string;
  /** Who added it; the person who is cut sees ``Terminated by admin <owner>``. */
  readonly owner: string;
  /** From where the owner asked for it; for the audit trail. */
  readonly address?: string;
  readonly expiresAt: number | null;
  readonly offenseId?: string;
  readonly episode?: number;
}

export interface AddedLock {
  readonly lock: Lock;
  readonly containment: Containment;
  /** What the sessions that were cut had been doing. */
  readonly cut: readonly LiveSession[];
  /** False when this very lock was stored before (it may have ended since). */
  readonly added: boolean;
}

export interface LockOptions {
  readonly state: State;
  readonly stream: Pick<Stream, 'head'>;
  readonly control: Pick<Control, 'tellLocks'>;
  readonly clock: Clock;
}

/** Asked inside the transaction, before the lock is stored; a text refuses it. */
export type LockGuard = (tx: StateTransaction) => Promise<string | null>;

/** Stored refusals, and the gateways that enforce them. */
export class LockService {
  readonly #options: LockOptions;

  constructor(options: LockOptions) {
    this.#options = options;
  }

  /** Stores the lock, tells every gateway, and answers when what it concerns is gone or the time is up. */
  async add(lock: NewLock): Promise<AddedLock> {
    const result = await this.addUnless(lock, () => Promise.resolve(null));
    if ('refused' in result) throw new Error('a lock without a guard was refused');
    return result;
  }

  /** As `add`, but nothing happens when the guard objects. */
  async addUnless(lock: NewLock, guard: LockGuard): Promise<AddedLock | { readonly refused: string }> {
    const { state, clock } = this.#options;
    const stored = await state.transact(async (tx, emit) => {
      const refused = await guard(tx);
      return refused === null ? insertLock(tx, emit, lock, clock()) : { refused };
    });
    if ('refused' in stored) return stored;
    const told = await this.tell(lock.owner);
    return {
      lock: lockOf(stored.row),
      containment: {
        state: told.unconfirmed.length === 0 ? 'contained' : 'unconfirmed',
        cut: told.cut.map((session) => session.id),
        unconfirmed: [...told.unconfirmed],
      },
      cut: told.cut,
      added: stored.added,
    };
  }

  /** Ends a lock, and with it the episode it contained. Undefined when there is no such lock in force. */
  async end(
    id: string,
    how: { readonly by: string; readonly address?: string; readonly reason: string },
  ): Promise<Lock | undefined> {
    const nowMs = this.#options.clock();
    const row = await this.#options.state.transact(async (tx, emit) => {
      const rows = (await readLocksInForce(tx, nowMs)).filter((one) => one.id === id);
      await endLocks(tx, emit, this.#options.stream, rows, {
        ...how,
        episodeReason: 'containment-ended',
        nowMs,
      });
      return rows[0];
    });
    if (row === undefined) return undefined;
    await this.tell(how.by);
    return lockOf(row);
  }

  async inForce(): Promise<readonly Lock[]> {
    const { state, clock } = this.#options;
    return locksInForce(state.reader, clock());
  }

  /** Ends locks whose time has come. Gateways stop enforcing them by themselves; this ends their episodes. */
  async expireDue(): Promise<number> {
    const { state, stream, clock } = this.#options;
    const nowMs = clock();
    const due = await state.reader
      .selectFrom('locks')
      .selectAll()
      .where('endedAt', 'is', null)
      .where('expiresAt', '<=', nowMs)
      .execute();
    if (due.length === 0) return 0;
    await state.transact((tx, emit) =>
      endLocks(tx, emit, stream, due, {
        by: 'system',
        reason: 'it expired',
        episodeReason: 'containment-ended',
        nowMs,
      }),
    );
    await this.tell('system');
    return due.length;
  }

  /** Tells every gateway the locks in force. */
  tell(terminatedBy: string): Promise<Acknowledgement> {
    return this.#options.control.tellLocks(terminatedBy);
  }
}

export function createLockService(options: LockOptions): LockService {
  return new LockService(options);
}

async function insertLock(
  tx: StateTransaction,
  emit: EmitEvent,
  lock: NewLock,
  nowMs: number,
): Promise<{ readonly row: LockRow; readonly added: boolean }> {
  const row: LockRow = {
    id: lock.id ?? newId(nowMs),
    targetKind: lock.targetKind,
    target: lock.target,
    targetKey: lockTargetKey(lock.targetKind, lock.target),
    mode: lock.mode,
    reason: lock.reason,
    owner: lock.owner,
    offenseId: lock.offenseId ?? null,
    episode: lock.episode ?? null,
    createdAt: nowMs,
    expiresAt: lock.expiresAt,
    endedAt: null,
    endedBy: null,
    endReason: null,
  };
  const known = await tx.selectFrom('locks').selectAll().where('id', '=', row.id).executeTakeFirst();
  if (known !== undefined) return { row: known, added: false };
  await tx.insertInto('locks').values(row).execute();
  emit(
    makeEvent('lock.added', derivedId('lock.added', row.id), nowMs, {
      actor: row.owner,
      ...(lock.address === undefined ? {} : { address: lock.address }),
      ...whoIsLocked(row),
      ...(row.offenseId === null ? {} : { offense: row.offenseId }),
      message: `Lock on ${row.targetKind} ${row.target} (${row.mode}): ${row.reason}`,
      data: {
        lock: row.id,
        targetKind: row.targetKind,
        target: row.target,
        mode: row.mode,
        expiresAt: row.expiresAt,
      },
    }),
  );
  return { row, added: true };
}
