import { PortcullisError } from '#contract/errors.ts';
import { nameKey } from '#contract/names.ts';
import type { StateReader, StateTransaction } from '#state/state.ts';
import { readActiveAdmins } from '#state/user-view-reader.ts';

/** Does the work, and refuses it when there was an active administrator before and there is none after. */
export async function keepAnAdmin(
  tx: StateTransaction,
  now: number,
  work: () => Promise<unknown>,
): Promise<void> {
  const before = await readActiveAdmins(tx, now);
  await work();
  if (before.length > 0 && (await readActiveAdmins(tx, now)).length === 0)
    throw new PortcullisError(
      'E_LAST_ADMIN',
      `This would leave no active administrator; ${before.join(', ')} is the last. Make another one first.`,
    );
}

export async function refuseLockingLastAdmin(db: StateReader, now: number, username: string): Promise<void> {
  const admins = await readActiveAdmins(db, now);
  if (admins.length !== 1 || nameKey(admins[0] ?? '') !== nameKey(username)) return;
  throw new PortcullisError(
    'E_LAST_ADMIN',
    `${username} is the last active administrator. Make another one first, or end single sessions.`,
  );
}
