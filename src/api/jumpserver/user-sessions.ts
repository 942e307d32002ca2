import { makeEvent } from '#contract/event.ts';
import { orderItems } from '#contract/jumpserver/filters.ts';
import type { Manner } from '#contract/jumpserver/manner.ts';
import {
  type JumpServerUserSession,
  jumpServerUserSession,
  passesUserSessionFilter,
  type UserSessionFilter,
} from '#contract/jumpserver/user-session.ts';
import { derivedId } from '#lib/ids.ts';
import type { StateReader } from '#state/state.ts';
import { addressOf, type Caller } from '../access/caller.ts';
import type { Services } from '../services.ts';

/** Who is signed in on the web, the newest first. */
export async function listUserSessions(
  { state, clock }: Pick<Services, 'state' | 'clock'>,
  caller: Caller,
  filter: UserSessionFilter,
  manner: Manner,
): Promise<readonly JumpServerUserSession[]> {
  const rows = await readSignedIn(state.reader, clock());
  const shown = rows
    .map((row) => jumpServerUserSession(row, caller.userId, manner))
    .filter((session) => passesUserSessionFilter(session, filter));
  return orderItems(shown, filter.order);
}

/** Signs out whoever is signed in with these web sessions; others are passed over. */
export async function signOut(
  { state, clock }: Pick<Services, 'state' | 'clock'>,
  caller: Caller,
  ids: readonly string[],
): Promise<void> {
  const wanted = new Set(ids);
  const now = clock();
  await state.transact(async (tx, emit) => {
    for (const row of await readSignedIn(tx, now)) {
      if (!wanted.has(row.id)) continue;
      await tx.updateTable('web_sessions').set({ endedAt: now }).where('id', '=', row.id).execute();
      emit(
        makeEvent('web.signed_out', derivedId('web.signed_out', row.id), now, {
          actor: caller.name,
          ...addressOf(caller),
          user: row.username,
          message: `${caller.name} signed ${row.username} out of the web.`,
          data: { channel: 'web', webSession: row.id },
        }),
      );
    }
  });
}

async function readSignedIn(db: StateReader, nowMs: number) {
  return db
    .selectFrom('web_sessions')
    .innerJoin('users', 'users.id', 'web_sessions.userId')
    .select([
      'web_sessions.id',
      'web_sessions.userId',
      'users.username',
      'users.name',
      'web_sessions.address',
      'web_sessions.createdAt',
      'web_sessions.expiresAt',
    ])
    .where('web_sessions.endedAt', 'is', null)
    .where('web_sessions.expiresAt', '>', nowMs)
    .orderBy('web_sessions.createdAt', 'desc')
    .orderBy('web_sessions.id')
    .execute();
}
