import { PortcullisError } from '#contract/errors.ts';
import { isLoopback } from '#config/addresses.ts';
import { hashSecret, isLinkSecret, issueLinkSecret } from '#identity/tokens.ts';
import { newId } from '#lib/ids.ts';
import type { Secret } from '#lib/secret.ts';
import type { RecoveryLinkRow } from '#state/schema.ts';
import type { StateReader, StateTransaction } from '#state/state.ts';

/** The address of the page for a link. Built from the configured public URL only, never from a request. */
export function recoveryUrl(publicUrl: string | null, link: Secret): string {
  return `${checkPublicUrl(publicUrl)}/recover/${link.expose()}`;
}

/** Throws E_CONFIG when no link can be built that is safe to mail. */
export function checkPublicUrl(publicUrl: string | null): string {
  if (publicUrl === null)
    throw new PortcullisError(
      'E_CONFIG',
      'http.publicUrl is not set, so no recovery link can be built. Set it to the address under which people reach the web pages.',
    );
  const url = new URL(publicUrl);
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  if (url.protocol !== 'https:' && !isLoopback(host))
    throw new PortcullisError(
      'E_CONFIG',
      'http.publicUrl must begin with https:// unless it is a loopback address; recovery links travel over it.',
    );
  return publicUrl.replace(/\/+$/, '');
}

/** Makes a new link; every older one of the recovery dies with it. Only its digest is kept. */
export async function replaceLink(
  tx: StateTransaction,
  recoveryId: string,
  { nowMs, lifetimeMs }: { readonly nowMs: number; readonly lifetimeMs: number },
): Promise<{ readonly id: string; readonly secret: Secret }> {
  await revokeLinks(tx, recoveryId, nowMs);
  const { secret, hash } = issueLinkSecret();
  const id = newId(nowMs);
  await tx
    .insertInto('recovery_links')
    .values({ id, recoveryId, hash, expiresAt: nowMs + lifetimeMs, usedAt: null, revokedAt: null })
    .execute();
  return { id, secret };
}

export async function revokeLinks(tx: StateTransaction, recoveryId: string, nowMs: number): Promise<void> {
  await tx
    .updateTable('recovery_links')
    .set({ revokedAt: nowMs })
    .where('recoveryId', '=', recoveryId)
    .where('usedAt', 'is', null)
    .where('revokedAt', 'is', null)
    .execute();
}

/** The link, if it can be used now. */
export async function findLinkRow(
  db: StateReader,
  link: Secret,
  nowMs: number,
): Promise<RecoveryLinkRow | undefined> {
  const text = link.expose();
  if (!isLinkSecret(text)) return undefined;
  const row = await db
    .selectFrom('recovery_links')
    .selectAll()
    .where('hash', '=', hashSecret(text))
    .executeTakeFirst();
  if (row === undefined || row.usedAt !== null || row.revokedAt !== null) return undefined;
  return row.expiresAt > nowMs ? row : undefined;
}

/** Uses the link up. False when somebody else was faster. */
export async function spendLink(tx: StateTransaction, id: string, nowMs: number): Promise<boolean> {
  const spent = await tx
    .updateTable('recovery_links')
    .set({ usedAt: nowMs })
    .where('id', '=', id)
    .where('usedAt', 'is', null)
    .where('revokedAt', 'is', null)
    .where('expiresAt', '>', nowMs)
    .executeTakeFirst();
  return spent.numUpdatedRows === 1n;
}
