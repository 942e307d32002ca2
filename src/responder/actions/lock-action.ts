import type { LiveSession } from '#control/control.ts';
import { readActionParams } from '#domain/playbook/playbook.ts';
import { derivedId } from '#lib/ids.ts';
import { parseDuration } from '#lib/time.ts';
import { readLocksInForce } from '../locks/lock-row.ts';
import type { AddedLock } from '../locks/lock-service.ts';
import { AUTOMATION, type ActionContext, type ActionExecutor, type ClaimedAction } from './action-context.ts';
import type { ActionOutcome, CutSession } from './action-states.ts';
import { gatewayUser } from './action-target.ts';
import { findObjections, type GuardObjection } from './lock-guards.ts';

/** Locks the person out. Done twice it is the same lock. */
export const runLock: ActionExecutor = async ({ row }, context) => {
  const username = gatewayUser(row);
  const params = readActionParams('lock', JSON.parse(row.params));
  const before = await stateBefore(username, context);
  if (row.mode === 'shadow')
    return {
      state: 'shadowed',
      before,
      result: { summary: `${username} would have been locked (${params.mode})` },
    };
  const expiresInMs = params.expires === undefined ? undefined : parseDuration(params.expires);
  let objection: GuardObjection | null = null;
  const added = await context.locks.addUnless(
    {
      id: derivedId('lock', row.id),
      targetKind: 'user',
      target: username,
      mode: params.mode,
      reason: await reasonOf(row, context),
      owner: AUTOMATION,
      expiresAt: expiresInMs === undefined ? null : context.clock() + expiresInMs,
      ...(row.offenseId === null || row.episode === null
        ? {}
        : { offenseId: row.offenseId, episode: row.episode }),
    },
    async (tx) => {
      const [first] = await findObjections(tx, row, username, context.limits, context.clock());
      objection = first ?? null;
      return first?.why ?? null;
    },
  );
  if ('refused' in added) return refused(username, added.refused, objection, before);
  return readBack(username, added, context, before);
};

export interface LockBefore {
  readonly locks: readonly string[];
  readonly sessions: readonly CutSession[];
}

export async function stateBefore(
  username: string,
  context: Pick<ActionContext, 'state' | 'control' | 'clock'>,
): Promise<LockBefore> {
  const locks = await readLocksInForce(context.state.reader, context.clock());
  const sessions = await context.control.sessions();
  return {
    locks: locks
      .filter((lock) => lock.targetKind === 'user' && lock.targetKey === username)
      .map((lock) => lock.id),
    sessions: sessions.filter((one) => one.username.toLowerCase() === username).map(describeSession),
  };
}

async function reasonOf(row: ClaimedAction['row'], context: ActionContext): Promise<string> {
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
  username: string,
  why: string,
  objection: GuardObjection | null,
  before: unknown,
): ActionOutcome {
  if (objection?.guard === 'ended')
    return { state: 'cancelled', before, result: { summary: `not locked: ${why}` } };
  return {
    state: 'downgraded',
    before,
    result: {
      summary: `${username} was NOT locked, because ${why}; sessions are cut and the responders are told`,
      guard: objection?.guard ?? 'unknown',
      // Locking the last administrator cannot be approved either: another one must come first.
      approvable: objection?.guard !== 'last-admin',
    },
  };
}

/** The lock counts as done when it is read back as in force. */
async function readBack(
  username: string,
  { lock, containment, cut }: AddedLock,
  context: ActionContext,
  before: LockBefore,
): Promise<ActionOutcome> {
  const inForce = (await context.locks.inForce()).some((one) => one.id === lock.id);
  if (!inForce)
    return {
      state: 'noop',
      before,
      result: {
        summary: `the lock on ${username} had been ended by a person; it was not put back`,
        lock: lock.id,
      },
    };
  const left = new Set((await context.control.sessions()).map((session) => session.id));
  const told = new Map(cut.map((session) => [session.id, describeSession(session)]));
  // Whoever else told the gateways at the same moment may have had the answer about some of them.
  for (const session of before.sessions) if (!left.has(session.id)) told.set(session.id, session);
  const { unconfirmed } = containment;
  const waits = unconfirmed.length === 0 ? '' : `; not confirmed by ${unconfirmed.join(', ')}`;
  return {
    state: 'succeeded',
    before,
    result: {
      summary: `${username} is locked; ${told.size} sessions were cut${waits}`,
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
