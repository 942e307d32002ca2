import { nameKey, selects } from '#contract/names.ts';
import type { ActionRow } from '#state/schema.ts';
import type { StateReader } from '#state/state.ts';
import type { GuardLimits } from '../actions/action-context.ts';
import { type GuardObjection, isEpisodeOpen, recentLockouts } from '../actions/lock-guards.ts';
import type { ForeignTarget } from './foreign-target.ts';

/** What speaks against disabling, as far as the bastion must be asked: before the transaction. */
export async function askBastion(
  { connector, user }: ForeignTarget,
  signal: AbortSignal,
): Promise<readonly GuardObjection[]> {
  const found: GuardObjection[] = [];
  const self = await connector.self(signal);
  if (self.id === user.id)
    found.push({
      guard: 'own-account',
      why: `${user.username} is the account with which ${connector.name} is reached`,
    });
  if (user.isSuperuser && user.isActive) {
    const other = await connector.hasOtherAdministrator(user, signal);
    if (other !== true)
      found.push({
        guard: 'last-admin',
        why:
          other === null
            ? `whether ${connector.name} has another active administrator than ${user.username} cannot be known`
            : `${user.username} is the last active administrator of ${connector.name}`,
      });
  }
  return found;
}

/** The rest, inside the transaction that stores the lock; the weightiest first. */
export async function findForeignObjections(
  db: StateReader,
  row: ActionRow,
  { connector, user }: ForeignTarget,
  told: readonly GuardObjection[],
  limits: GuardLimits,
  nowMs: number,
): Promise<readonly GuardObjection[]> {
  const found: GuardObjection[] = [];
  if (!(await isEpisodeOpen(db, row)))
    found.push({ guard: 'ended', why: 'the episode had ended before the action ran' });
  found.push(...told);
  if (row.mode === 'approve') return found;
  // A name that is protected here is protected there too: that spares one too many rather than one too few.
  if (selects(limits.breakGlassUsers, user.username) || connector.breakGlassUsers.includes(user.username))
    found.push({
      guard: 'break-glass',
      why: `${user.username} is a break-glass user (detection.breakGlassUsers or breakGlassUsers of the connector)`,
    });
  const others = await recentLockouts(
    db,
    ['user', 'foreign-user'],
    { kind: 'foreign-user', key: nameKey(row.target) },
    nowMs,
  );
  if (others >= limits.lockoutsPer10Minutes)
    found.push({
      guard: 'budget',
      why: `${others} other users were locked out automatically within ten minutes (detection.lockoutsPer10Minutes)`,
    });
  return found;
}
