import type { LiveSession } from '#control/control.ts';
import type { LockMode, LockTargetKind } from '#contract/resources/lock.ts';
import { derivedId } from '#lib/ids.ts';
import type { ActionRow, LockRow } from '#state/schema.ts';
import type { StateTransaction } from '#state/state.ts';
import { readLocksInForce } from '../locks/lock-row.ts';
import type { AddedLock } from '../locks/lock-service.ts';
import { AUTOMATION, type ActionContext } from './action-context.ts';
import type { ActionOutcome, CutSession } from './action-states.ts';
import { isApprovable, type GuardObjection } from './lock-guards.ts';

/** Whom or what a lock is for. */
export interface LockAim {
  readonly targetKind: LockTargetKind;
  readonly target: string;
  /** Whether this stored lock is on the same. */
  readonly holds: (lock: LockRow) => boolean;
  /** Whether the session is what the lock would cut. */
  readonly hits: (session: LiveSession) => boolean;
}

export interface LockOrder {
  readonly aim: LockAim;
  readonly mode: LockMode;
  readonly expiresInMs: number | null;
  /** Asked inside the transaction that would store the lock. `live`: every session, read just before. */
  readonly objections: (
    tx: StateTransaction,
    live: readonly LiveSession[],
  ) => Promise<readonly GuardObjection[]>;
  /** What happens instead when a guard objects, in words. */
  readonly instead: string;
}

/** What was there before a lock, kept so that it can be told apart from what the lock did. */
export interface LockBefore {
  readonly locks: readonly string[];
  readonly sessions: readonly CutSession[];
}

/** Reads what is there, locks unless a guard objects, and reads back. Done twice it is the same lock. */
export async function placeLock(
  row: ActionRow,
  order: LockOrder,
  context: ActionContext,
): Promise<ActionOutcome> {
  const { aim, mode, expiresInMs } = order;
  const { target } = aim;
  const [{ before, live }, reason] = await Promise.all([lookAround(aim, context), reasonOf(row, context)]);
  if (row.mode === 'shadow')
    return {
      state: 'shadowed',
      before,
      result: { summary: `${target} would have been locked (${mode})` },
    };
  let objection: GuardObjection | null = null;
  const added = await context.locks.addUnless(
    {
      id: derivedId('lock', row.id),
      targetKind: aim.targetKind,
      target,
      mode,
      reason,
      owner: AUTOMATION,
      expiresAt: expiresInMs === null ? null : context.clock() + expiresInMs,
      ...(row.offenseId === null || row.episode === null
        ? {}
        : { offenseId: row.offenseId, episode: row.episode }),
    },
    async (tx) => {
      const [first] = await order.objections(tx, live);
      objection = first ?? null;
      return first?.why ?? null;
    },
  );
  if ('refused' in added) return refused(order, added.refused, objection, before);
  return readBack(aim, added, context, before);
}

/** What is there before the lock. */
export async function stateBefore(
  aim: LockAim,
  context: Pick<ActionContext, 'state' | 'control' | 'clock'>,
): Promise<LockBefore> {
  return (await lookAround(aim, context)).before;
}

async function lookAround(
  aim: LockAim,
  context: Pick<ActionContext, 'state' | 'control' | 'clock'>,
): Promise<{ readonly before: LockBefore; readonly live: readonly LiveSession[] }> {
  const [locks, live] = await Promise.all([
    readLocksInForce(context.state.reader, context.clock()),
    context.control.sessions(),
  ]);
  return {
    before: {
      locks: locks.filter(aim.holds).map((lock) => lock.id),
      sessions: live.filter(aim.hits).map(describeSession),
    },
    live,
  };
}

/** Why there is a lock, for whoever reads of it. */
export async function reasonOf(row: ActionRow, context: ActionContext): Promise<string> {
  if (row.offenseId === null) return 'automatic containment';
  const offense = await context.state.reader
    .selectFrom('offenses')
    .select(['number', 'title'])
    .where('id', '=', row.offenseId)
    .executeTakeFirst();
  return offense === undefined
    ? 'automatic containment'
    : `offense ${offense.number}: ${offense.title}`.slice(0, 500);
}

function refused(
  { aim, instead }: LockOrder,
  why: string,
  objection: GuardObjection | null,
  before: LockBefore,
): ActionOutcome {
  if (objection?.guard === 'ended')
    return { state: 'cancelled', before, result: { summary: `not locked: ${why}` } };
  return {
    state: 'downgraded',
    before,
    result: {
      summary: `${aim.target} was NOT locked, because ${why}; ${instead}`,
      guard: objection?.guard ?? 'unknown',
      approvable: objection === null || isApprovable(objection),
    },
  };
}

/** The lock counts as done when it is read back as in force. */
async function readBack(
  { target }: LockAim,
  { lock, containment, cut }: AddedLock,
  context: ActionContext,
  before: LockBefore,
): Promise<ActionOutcome> {
  const [inForce, sessions] = await Promise.all([context.locks.inForce(), context.control.sessions()]);
  if (!inForce.some((one) => one.id === lock.id))
    return {
      state: 'noop',
      before,
      result: {
        summary: `the lock on ${target} had been ended by a person; it was not put back`,
        lock: lock.id,
      },
    };
  const left = new Set(sessions.map((session) => session.id));
  const told = new Map(cut.map((session) => [session.id, describeSession(session)]));
  // Whoever else told the gateways at the same moment may have had the answer about some of them.
  for (const session of before.sessions) if (!left.has(session.id)) told.set(session.id, session);
  const { unconfirmed } = containment;
  const waits = unconfirmed.length === 0 ? '' : `; not confirmed by ${unconfirmed.join(', ')}`;
  return {
    state: 'succeeded',
    before,
    result: {
      summary: `${target} is locked; ${told.size} sessions were cut${waits}`,
      lock: lock.id,
      cut: [...told.values()],
      unconfirmed,
    },
  };
}

export function describeSession(session: LiveSession): CutSession {
  return {
    id: session.id,
    asset: session.asset,
    account: session.account,
    address: session.address,
    channels: session.channels.slice(0, 20).map((channel) => channel.slice(0, 200)),
  };
}
