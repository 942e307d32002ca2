import { createHash } from 'node:crypto';
import type { Lock, LockTargetKind } from '#contract/resources/lock.ts';
import { lockMatches } from '#domain/access/locks.ts';
import { newId } from '#lib/ids.ts';
import type { Secret } from '#lib/secret.ts';
import type { WebSessionRow } from '#state/schema.ts';
import type { StateReader, StateTransaction } from '#state/state.ts';
import type { KnownUser } from '#state/user-reader.ts';
import { hashSecret, isLinkSecret, issueLinkSecret, sameHash } from './tokens.ts';

/** How long the web sessions of a browser last. */
export interface WebSessionLimits {
  /** Without a request. */
  readonly idleMs: number;
  /** In any case. */
  readonly lifetimeMs: number;
}

/** Browsers of one person; a further one pushes out the oldest. */
const MAX_SESSIONS = 20;
/** A session that is used is written down this often, not at each request. */
const TOUCH_MS = 60_000;

/** Returns the secret of the cookie. */
export async function openWebSession(
  tx: StateTransaction,
  of: { readonly userId: string; readonly address: string },
  { idleMs, lifetimeMs }: WebSessionLimits,
  now: number,
): Promise<{ readonly id: string; readonly secret: Secret }> {
  const { secret, hash } = issueLinkSecret();
  const id = newId(now);
  await tx.deleteFrom('web_sessions').where('userId', '=', of.userId).where('expiresAt', '<=', now).execute();
  const oldest = (await readWebSessions(tx, of.userId, now)).slice(MAX_SESSIONS - 1).map((row) => row.id);
  if (oldest.length > 0)
    await tx.updateTable('web_sessions').set({ endedAt: now }).where('id', 'in', oldest).execute();
  await tx
    .insertInto('web_sessions')
    .values({
      id,
      ...of,
      hash,
      createdAt: now,
      expiresAt: now + Math.min(idleMs, lifetimeMs),
      endedAt: null,
    })
    .execute();
  return { id, secret };
}

/** The session of a cookie, when it has not ended. Whether its owner may go on is asked with `isLockedSince`. */
export async function findWebSession(
  db: StateReader,
  presented: string,
  now: number,
): Promise<WebSessionRow | undefined> {
  if (!isLinkSecret(presented)) return undefined;
  const hash = hashSecret(presented);
  const row = await db.selectFrom('web_sessions').selectAll().where('hash', '=', hash).executeTakeFirst();
  if (row === undefined || !sameHash(row.hash, hash)) return undefined;
  return row.endedAt === null && row.expiresAt > now ? row : undefined;
}

/** When a session that is used now ends without a further request; null when that is written down already. */
export function extendedEnd(
  row: WebSessionRow,
  { idleMs, lifetimeMs }: WebSessionLimits,
  now: number,
): number | null {
  const end = Math.min(now + idleMs, row.createdAt + lifetimeMs);
  return end - row.expiresAt >= Math.min(TOUCH_MS, idleMs / 10) ? end : null;
}

/**
 * Whether a lock has hit the session since it was opened. One that has ended meanwhile counts as well: what a lock
 * ends stays ended, even when no request came while it was in force.
 */
export async function isLockedSince(
  db: StateReader,
  session: WebSessionRow,
  who: { readonly user: KnownUser; readonly address: string },
): Promise<boolean> {
  const rows = await db.selectFrom('locks').selectAll().where('createdAt', '>=', session.createdAt).execute();
  return rows.some((row) => {
    const lock: Lock = { ...row, targetKind: row.targetKind as LockTargetKind };
    return [who.address, session.address].some((address) =>
      lockMatches(lock, {
        username: who.user.username,
        groups: who.user.groups,
        address,
        keyFingerprint: null,
        asset: null,
        account: null,
        session: null,
      }),
    );
  });
}

/** The sessions of a user that go on, the newest first. */
export async function readWebSessions(
  db: StateReader,
  userId: string,
  now: number,
): Promise<readonly WebSessionRow[]> {
  return db
    .selectFrom('web_sessions')
    .selectAll()
    .where('userId', '=', userId)
    .where('endedAt', 'is', null)
    .where('expiresAt', '>', now)
    .orderBy('createdAt', 'desc')
    .orderBy('id', 'desc')
    .execute();
}

/** What every form of a session carries: other sites cannot know it, and it opens nothing by itself. */
export function formToken(cookie: Secret): string {
  return createHash('sha256').update(`form ${cookie.expose()}`).digest('hex');
}
