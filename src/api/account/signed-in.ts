import type { FastifyRequest } from 'fastify';
import { PortcullisError } from '#contract/errors.ts';
import { makeEvent } from '#contract/event.ts';
import { extendedEnd, findWebSession, isLockedSince } from '#identity/web-sessions.ts';
import { derivedId } from '#lib/ids.ts';
import { Secret } from '#lib/secret.ts';
import type { WebSessionRow } from '#state/schema.ts';
import type { EmitEvent, StateTransaction } from '#state/state.ts';
import type { KnownUser } from '#state/user-reader.ts';
import { endWebSession } from '#state/web-session-writer.ts';
import { decideUse } from '../access/decide-use.ts';
import { clientAddress } from '../http/client-address.ts';
import type { PageCookie } from '../http/cookies.ts';
import type { Services } from '../services.ts';

/** Whose browser it is, asked anew at each request. */
export interface SignedIn {
  readonly session: WebSessionRow;
  readonly cookie: Secret;
  readonly user: KnownUser;
  readonly address: string;
}

/** Undefined for whoever is not signed in (any more). A lock or a login rule ends the session for good. */
export async function findSignedIn(
  services: Services,
  request: FastifyRequest,
  cookie: PageCookie,
): Promise<SignedIn | undefined> {
  const presented = cookie.read(request);
  const now = services.clock();
  const { state, users } = services;
  const session = presented === undefined ? undefined : await findWebSession(state.reader, presented, now);
  if (presented === undefined || session === undefined) return undefined;
  const user = await users.findById(session.userId);
  if (user === undefined) return undefined;
  const address = clientAddress(request);
  const decision = await decideUse(services, user, address);
  if (decision.verdict === 'fault')
    throw new PortcullisError('E_UNAVAILABLE', 'Access cannot be decided now. Try again.');
  if (decision.verdict === 'deny' || (await isLockedSince(state.reader, session, { user, address }))) {
    await state.transact((tx, emit) => end(tx, emit, { session, user, by: 'system', address }, now));
    return undefined;
  }
  const until = extendedEnd(session, services.webSessions, now);
  if (until !== null)
    await state.transact((tx) =>
      tx.updateTable('web_sessions').set({ expiresAt: until }).where('id', '=', session.id).execute(),
    );
  return { session, cookie: new Secret(presented), user, address };
}

/** Ends a session of a person and writes it down, once. */
export async function end(
  tx: StateTransaction,
  emit: EmitEvent,
  about: {
    readonly session: Pick<WebSessionRow, 'id'>;
    readonly user: Pick<KnownUser, 'id' | 'username'>;
    readonly by: string;
    readonly address: string;
  },
  now: number,
): Promise<void> {
  const { session, user, by, address } = about;
  if (!(await endWebSession(tx, { id: session.id, userId: user.id }, now))) return;
  emit(
    makeEvent('web.signed_out', derivedId('web.signed_out', session.id), now, {
      user: user.username,
      actor: by,
      address,
      message: `A web session of ${user.username} was ended by ${by}.`,
      data: { channel: 'web', webSession: session.id },
    }),
  );
}

/**
 * Changes something for whoever is still signed in: a recovery, a new password or a lock that came while a slow
 * digest was made has ended the session. Undefined when it has.
 */
export function inSession<T>(
  { state, clock }: Pick<Services, 'state' | 'clock'>,
  { session }: SignedIn,
  work: (tx: StateTransaction, emit: EmitEvent, now: number) => Promise<T>,
): Promise<T | undefined> {
  return state.transact(async (tx, emit) => {
    const now = clock();
    const row = await tx
      .selectFrom('web_sessions')
      .select('endedAt')
      .where('id', '=', session.id)
      .executeTakeFirst();
    return row === undefined || row.endedAt !== null ? undefined : work(tx, emit, now);
  });
}
