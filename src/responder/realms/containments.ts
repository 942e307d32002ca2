import type { Clock } from '#lib/time.ts';
import { makeEvent } from '#contract/event.ts';
import { growingPauseMs } from '#lib/growing-pause.ts';
import { derivedId } from '#lib/ids.ts';
import type { ForeignContainmentRow, LockRow } from '#state/schema.ts';
import type { State } from '#state/state.ts';
import type { Connector, Connectors } from '../connectors/connector.ts';
import type { LockService } from '../locks/lock-service.ts';
import { setContainment } from './containment-rows.ts';

const LOOK_MS = 10_000;
const PAUSES = { firstMs: 1_000, longestMs: 60_000 };
const CALL_MS = 20_000;

export interface ContainmentOptions {
  readonly state: State;
  readonly connectors: Connectors;
  readonly locks: Pick<LockService, 'end'>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** How often whoever is disabled is looked at. */
  readonly lookMs?: number;
}

type Row = ForeignContainmentRow & Pick<LockRow, 'endedAt' | 'endedBy' | 'offenseId'>;

/** Looks after people who are disabled elsewhere: puts back what a lock had changed, sees when others enable them. */
export class ForeignContainments {
  readonly #options: ContainmentOptions;
  /** Per lock: when it may be looked at again, and how often that had failed. */
  readonly #next = new Map<string, { readonly atMs: number; readonly failures: number }>();
  readonly #soon = new Set<string>();

  constructor(options: ContainmentOptions) {
    this.#options = options;
  }

  /** Whoever is contained in the realm is due now. */
  lookSoon(realm: string): void {
    this.#soon.add(realm);
  }

  /** One round over everything that is due. Throws the first problem after all were tried. */
  async look(): Promise<void> {
    const { connectors, clock } = this.#options;
    const nowMs = clock();
    const rows = await this.#rows();
    const open = new Set(rows.map(({ lockId }) => lockId));
    for (const lockId of this.#next.keys()) if (!open.has(lockId)) this.#next.delete(lockId);
    const due = rows.filter((row) => (this.#next.get(row.lockId)?.atMs ?? 0) <= nowMs);
    const results = await Promise.allSettled(
      due.map(async (row) => {
        const connector = connectors.get(row.connector);
        if (connector === undefined)
          throw new Error(
            `there is no connector ${row.connector} any more; ${row.username} stays as they are`,
          );
        await this.#lookAt(row, connector);
      }),
    );
    results.forEach((result, index) => this.#plan(due[index]?.lockId ?? '', result.status === 'rejected'));
    const failed = results.find((result) => result.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }

  #plan(lockId: string, hasFailed: boolean): void {
    const { clock, lookMs = LOOK_MS } = this.#options;
    const failures = hasFailed ? (this.#next.get(lockId)?.failures ?? 0) + 1 : 0;
    const pauseMs = hasFailed ? growingPauseMs(failures, PAUSES) : lookMs;
    this.#next.set(lockId, { atMs: clock() + pauseMs, failures });
  }

  /** A lock that has ended since is due at once, and so is a realm in which something was changed. */
  async #rows(): Promise<readonly Row[]> {
    const rows = await this.#options.state.reader
      .selectFrom('foreign_containments')
      .innerJoin('locks', 'locks.id', 'foreign_containments.lockId')
      .selectAll('foreign_containments')
      .select(['locks.endedAt', 'locks.endedBy', 'locks.offenseId'])
      .where('foreign_containments.state', '!=', 'over')
      .orderBy('foreign_containments.createdAt')
      .execute();
    for (const row of rows)
      if (
        (row.endedAt !== null || this.#soon.has(row.connector)) &&
        this.#next.get(row.lockId)?.failures === 0
      )
        this.#next.delete(row.lockId);
    this.#soon.clear();
    return rows;
  }

  async #lookAt(row: Row, connector: Connector): Promise<void> {
    const { locks, signal: stopping } = this.#options;
    const signal = AbortSignal.any([stopping, AbortSignal.timeout(CALL_MS)]);
    if (row.endedAt !== null) {
      await this.#restore(row, connector, signal);
      return;
    }
    if (row.state !== 'applied') return;
    const user = await connector.readUser({ id: row.userId, organisation: row.organisation }, signal);
    if (user?.isActive === true)
      await locks.end(row.lockId, {
        by: connector.name,
        reason: `somebody enabled ${row.username} at ${connector.name}`,
      });
  }

  /** Only what was ours, only what had been so before, and only when nobody else still holds the person. */
  async #restore(row: Row, connector: Connector, signal: AbortSignal): Promise<void> {
    if (await this.#isHeldByAnother(row))
      return this.#over(row, 'stays disabled: another containment is in force');
    if (row.wasActive === 0) return this.#over(row, 'stays disabled, as before the containment');
    const user = await connector.readUser({ id: row.userId, organisation: row.organisation }, signal);
    if (user === null) return this.#over(row, 'is gone there');
    if (user.isActive) return this.#over(row, 'is active');
    await connector.setActive(user, true, signal);
    return this.#over(row, 'is active again');
  }

  async #isHeldByAnother(row: Row): Promise<boolean> {
    const other = await this.#options.state.reader
      .selectFrom('foreign_containments')
      .innerJoin('locks', 'locks.id', 'foreign_containments.lockId')
      .select('lockId')
      .where('foreign_containments.connector', '=', row.connector)
      .where('foreign_containments.userId', '=', row.userId)
      .where('foreign_containments.lockId', '!=', row.lockId)
      .where('foreign_containments.state', '!=', 'over')
      .where('locks.endedAt', 'is', null)
      .executeTakeFirst();
    return other !== undefined;
  }

  async #over(row: Row, outcome: string): Promise<void> {
    const { state, clock } = this.#options;
    const nowMs = clock();
    await state.transact(async (tx, emit) => {
      await setContainment(tx, row.lockId, { state: 'over', outcome, updatedAt: nowMs });
      emit(
        makeEvent(
          'containment.released',
          derivedId('containment.released', row.lockId, row.updatedAt),
          nowMs,
          {
            realm: row.connector,
            user: row.username,
            actor: row.endedBy ?? 'system',
            ...(row.offenseId === null ? {} : { offense: row.offenseId }),
            message: `${row.username} at ${row.connector} ${outcome}.`,
            data: { lock: row.lockId, wasActive: row.wasActive === 1 },
          },
        ),
      );
    });
  }
}
