import { readActionParams } from '#domain/playbook/playbook.ts';
import { derivedId } from '#lib/ids.ts';
import { parseDuration } from '#lib/time.ts';
import { AUTOMATION, type ActionContext, type ActionExecutor } from '../actions/action-context.ts';
import type { ActionOutcome } from '../actions/action-states.ts';
import { isApprovable, type GuardObjection } from '../actions/lock-guards.ts';
import { reasonOf } from '../actions/place-lock.ts';
import type { ForeignUser } from '../connectors/connector.ts';
import { describeForeign } from './describe-foreign.ts';
import { noteContainment, readContainment, setContainment } from './containment-rows.ts';
import { ATTEMPT_MS, tellConnectorError } from './connector-outcome.ts';
import { doubtOutcome, findDoubt } from './corroboration.ts';
import { askBastion, findForeignObjections } from './foreign-guards.ts';
import { findTarget, type ForeignTarget } from './foreign-target.ts';

/**
 * Locks a person of another realm out: notes the lock and what was there before, disables the account there, and
 * reads back. Done twice it is the same lock.
 */
export const runDisable: ActionExecutor = tellConnectorError(async ({ row }, context) => {
  const signal = AbortSignal.timeout(ATTEMPT_MS);
  const target = await findTarget(row, context, signal);
  if (typeof target === 'string') return { state: 'failed', result: { summary: `not locked: ${target}` } };
  const { connector, user } = target;
  const sessions = await connector.sessions(user, signal);
  const before = { isActive: user.isActive, source: user.source, sessions: sessions.map(describeForeign) };
  const who = `${user.username} at ${connector.name}`;
  if (row.mode === 'shadow')
    return { state: 'shadowed', before, result: { summary: `${who} would have been disabled` } };
  const doubt = await findDoubt(row, target, context.state.reader, signal);
  if (doubt !== null)
    return doubtOutcome(
      doubt,
      { notYet: `${who} is not disabled yet`, never: `nothing was done to ${who}` },
      { attempts: row.attempts, nowMs: context.clock(), before },
    );
  const told = await askBastion(target, signal);
  const lockId = derivedId('lock', row.id);
  const added = await storeLock({ lockId, target, told }, row, context);
  if ('refused' in added) return refused(who, added.refused, added.objection, before);
  return apply(lockId, target, context, { before, signal });
});

async function storeLock(
  about: {
    readonly lockId: string;
    readonly target: ForeignTarget;
    readonly told: readonly GuardObjection[];
  },
  row: Parameters<ActionExecutor>[0]['row'],
  context: ActionContext,
): Promise<
  { readonly refused: string; readonly objection: GuardObjection | null } | { readonly stored: true }
> {
  const { lockId, target, told } = about;
  const { connector, user } = target;
  const { expires } = readActionParams('lock', JSON.parse(row.params));
  const expiresInMs = expires === undefined ? undefined : parseDuration(expires);
  const reason = await reasonOf(row, context);
  let objection: GuardObjection | null = null;
  const added = await context.locks.addUnless(
    {
      id: lockId,
      targetKind: 'foreign-user',
      target: `${connector.name}:${user.username}`,
      mode: 'deny',
      reason,
      owner: AUTOMATION,
      expiresAt: expiresInMs === undefined ? null : context.clock() + expiresInMs,
      ...(row.offenseId === null || row.episode === null
        ? {}
        : { offenseId: row.offenseId, episode: row.episode }),
    },
    async (tx) => {
      const nowMs = context.clock();
      // Stored by an earlier attempt: what was decided then is carried through.
      if ((await readContainment(tx, lockId)) !== undefined) return null;
      const [first] = await findForeignObjections(tx, row, target, told, context.limits, nowMs);
      objection = first ?? null;
      if (first !== undefined) return first.why;
      await noteContainment(tx, lockId, connector, user, nowMs);
      return null;
    },
  );
  return 'refused' in added ? { refused: added.refused, objection } : { stored: true };
}

/** Disables and reads back, unless a person has decided otherwise meanwhile. */
async function apply(
  lockId: string,
  { connector, user }: ForeignTarget,
  context: ActionContext,
  { before, signal }: { readonly before: unknown; readonly signal: AbortSignal },
): Promise<ActionOutcome> {
  const who = `${user.username} at ${connector.name}`;
  const isInForce = async (): Promise<boolean> =>
    (await context.locks.inForce()).some((lock) => lock.id === lockId);
  const row = await readContainment(context.state.reader, lockId);
  if (!(await isInForce()) || row === undefined || row.state === 'over')
    return {
      state: 'noop',
      before,
      result: { summary: `the lock on ${who} had been ended; it was not put back`, lock: lockId },
    };
  if (row.state === 'applied' && user.isActive)
    return {
      state: 'noop',
      before,
      result: { summary: `${who} was enabled there by somebody; left alone`, lock: lockId },
    };
  const now: ForeignUser = user.isActive ? await connector.setActive(user, false, signal) : user;
  // A lock that was ended while the change was under way is undone by whoever looks after ended locks.
  await context.state.transact((tx) =>
    setContainment(tx, lockId, { state: 'applied', outcome: null, updatedAt: context.clock() }),
  );
  const how = row.wasActive === 1 ? 'is disabled' : 'had been disabled before';
  const origin = now.source === 'local' ? '' : `; the password lives in ${now.source}, which is not touched`;
  return {
    state: 'succeeded',
    before,
    result: { summary: `${who} ${how}${origin}`, lock: lockId, wasActive: row.wasActive === 1 },
  };
}

function refused(who: string, why: string, objection: GuardObjection | null, before: unknown): ActionOutcome {
  if (objection?.guard === 'ended')
    return { state: 'cancelled', before, result: { summary: `not disabled: ${why}` } };
  return {
    state: 'downgraded',
    before,
    result: {
      summary: `${who} was NOT disabled, because ${why}; sessions are ended and the responders are told`,
      guard: objection?.guard ?? 'unknown',
      approvable: objection === null || isApprovable(objection),
    },
  };
}
