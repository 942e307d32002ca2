import { nameKey, selects } from '#contract/names.ts';
import { readAdministratorsLeft } from '#state/administrator-guard.ts';
import type { ActionRow } from '#state/schema.ts';
import type { StateReader } from '#state/state.ts';
import { AUTOMATION, type GuardLimits } from './action-context.ts';

const BUDGET_WINDOW_MS = 600_000;

export interface GuardObjection {
  /** `ended`: the episode is over. The others replace the lock by something milder. */
  readonly guard: 'ended' | 'break-glass' | 'last-admin' | 'budget';
  readonly why: string;
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
  if (!(await isEpisodeOpen(db, row)))
    found.push({ guard: 'ended', why: 'the episode had ended before the action ran' });
  if (await isLastAdministrator(db, username, nowMs))
    found.push({ guard: 'last-admin', why: `${username} is the last active administrator` });
  if (row.mode === 'approve') return found;
  if (selects(limits.breakGlassUsers, username))
    found.push({
      guard: 'break-glass',
      why: `${username} is a break-glass user (detection.breakGlassUsers)`,
    });
  const others = await recentLockouts(db, username, nowMs);
  if (others >= limits.lockoutsPer10Minutes)
    found.push({
      guard: 'budget',
      why: `${others} other users were locked out automatically within ten minutes (detection.lockoutsPer10Minutes)`,
    });
  return found;
}

/** A service user with the role does not count: it cannot log in and look. */
async function isLastAdministrator(db: StateReader, username: string, nowMs: number): Promise<boolean> {
  const before = await readAdministratorsLeft(db, nowMs);
  const after = await readAdministratorsLeft(db, nowMs, [{ targetKind: 'user', target: username }]);
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

async function recentLockouts(db: StateReader, username: string, nowMs: number): Promise<number> {
  const rows = await db
    .selectFrom('locks')
    .select('targetKey')
    .distinct()
    .where('targetKind', '=', 'user')
    .where('owner', '=', AUTOMATION)
    .where('createdAt', '>', nowMs - BUDGET_WINDOW_MS)
    .where('targetKey', '!=', nameKey(username))
    .execute();
  return rows.length;
}
