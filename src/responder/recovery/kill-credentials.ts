import { makeEvent } from '#contract/event.ts';
import { removeSecondFactor } from '#identity/enrolment.ts';
import { derivedId } from '#lib/ids.ts';
import type { EmitEvent, StateTransaction } from '#state/state.ts';
import { revokeUserTokens } from '#state/token-writer.ts';
import { setPasswordHash } from '#state/user-writer.ts';

/** What was killed, for people. */
export interface KilledCredentials {
  readonly tokens: number;
  readonly webSessions: number;
  readonly keys: number;
  readonly secondFactor: boolean;
}

/** Removes password and second factor, revokes tokens and web sessions, suspends every key. What recovery kills stays dead. */
export async function killCredentials(
  tx: StateTransaction,
  emit: EmitEvent,
  about: {
    readonly recoveryId: string;
    readonly userId: string;
    readonly username: string;
    readonly by: string;
  },
  nowMs: number,
): Promise<KilledCredentials> {
  // Before the password, which would end the web sessions uncounted.
  const revoked = await revokeUserTokens(tx, about.userId, nowMs);
  await setPasswordHash(tx, about.userId, null, nowMs);
  const keys = await tx
    .updateTable('user_keys')
    .set({ suspended: 1 })
    .where('userId', '=', about.userId)
    .where('suspended', '=', 0)
    .executeTakeFirst();
  const secondFactor = await removeSecondFactor(tx, emit, about, nowMs);
  const killed = { ...revoked, keys: Number(keys.numUpdatedRows), secondFactor };
  emit(
    makeEvent('user.password_changed', derivedId('password-killed', about.recoveryId), nowMs, {
      user: about.username,
      actor: about.by,
      message: `The password of ${about.username} was removed, ${killed.tokens} tokens and ${killed.webSessions} web sessions were revoked, ${killed.keys} keys were suspended${secondFactor ? ', and the second factor was removed' : ''}.`,
      data: { recovery: about.recoveryId, ...killed },
    }),
  );
  return killed;
}
