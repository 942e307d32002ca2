import { nameKey, selects } from '#contract/names.ts';
import { readAdministratorsUnder } from '#state/administrator-guard.ts';
import type { ActionRow } from '#state/schema.ts';
import type { StateReader } from '#state/state.ts';
import type { LockTargetKind } from '#contract/resources/lock.ts';
import { AUTOMATION, type GuardLimits } from './action-context.ts';

const BUDGET_WINDOW_MS = 600_000;

export interface GuardObjection {
  /** `ended`: the episode is over. The others replace the lock by something milder. */
  readonly guard:
    | 'ended'
    | 'break-glass'
    | 'last-admin'
    | 'own-account'
    | 'budget'
    | 'loopback'
    | 'proxy'
    | 'administrator'
    | 'shared';
  readonly why: string;
}

/** A person can overrule the others; these would lock out those who could put it right, or the hands that could. */
const FINAL: ReadonlySet<GuardObjection['guard']> = new Set([
  'last-admin',
  'own-account',
  'loopback',
  'proxy',
]);

export function isApprovable(objection: GuardObjection): boolean {
  return !FINAL.has(objection.guard);
}

/**
 * What speaks against locking this person at this moment, the weightiest first. An action that a person approved
 * is bound by the last administrator alone.
 */
export async function findObjections(
  db: StateReader,
  row: ActionRow,
  username: string,
  limits: GuardLimits,
  nowMs: number,
): Promise<readonly GuardObjection[]> {
  const found: GuardObjection[] = [];
  const [isOpen, isLast, others] = await Promise.all([
    isEpisodeOpen(db, row),
    isLastAdministrator(db, username, nowMs),
    // What strangers can bring about, locks on addresses, uses up nothing here: else they could save a person.
    recentLockouts(db, ['user', 'foreign-user'], { kind: 'user', key: nameKey(username) }, nowMs),
  ]);
  if (!isOpen) found.push({ guard: 'ended', why: 'the episode had ended before the action ran' });
  if (isLast) found.push({ guard: 'last-admin', why: `${username} is the last active administrator` });
  if (row.mode === 'approve') return found;
  if (selects(limits.breakGlassUsers, username))
    found.push({
      guard: 'break-glass',
      why: `${username} is a break-glass user (detection.breakGlassUsers)`,
    });
  if (others >= limits.lockoutsPer10Minutes)
    found.push({
      guard: 'budget',
      why: `${others} other users were locked out automatically within ten minutes (detection.lockoutsPer10Minutes)`,
    });
  return found;
}

/** A service user with the role does not count: it cannot log in and look. */
async function isLastAdministrator(db: StateReader, username: string, nowMs: number): Promise<boolean> {
  const { before, after } = await readAdministratorsUnder(db, nowMs, {
    targetKind: 'user',
    target: username,
  });
  return before.people.length > 0 && after.people.length === 0;
}

/** False when somebody ended the episode after the action was planned. */
export async function isEpisodeOpen(db: StateReader, row: ActionRow): Promise<boolean> {
  if (row.offenseId === null || row.episode === null) return true;
  const open = await db
    .selectFrom('episodes')
    .select('episode')
    .where('offenseId', '=', row.offenseId)
    .where('episode', '=', row.episode)
    .where('endedAt', 'is', null)
    .executeTakeFirst();
  return open !== undefined;
}

/** How many others were locked out automatically of late. */
export async function recentLockouts(
  db: StateReader,
  kinds: readonly LockTargetKind[],
  but: { readonly kind: LockTargetKind; readonly key: string },
  nowMs: number,
): Promise<number> {
  const rows = await db
    .selectFrom('locks')
    .select(['targetKind', 'targetKey'])
    .distinct()
    .where('targetKind', 'in', kinds)
    .where('owner', '=', AUTOMATION)
    .where('createdAt', '>', nowMs - BUDGET_WINDOW_MS)
    .execute();
  return rows.filter((row) => row.targetKind !== but.kind || row.targetKey !== but.key).length;
}
