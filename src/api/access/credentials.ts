import { PortcullisError } from '#contract/errors.ts';
import type { CreatedToken, Token } from '#contract/resources/token.ts';
import { issueAccessKeySecret, issueToken } from '#identity/tokens.ts';
import { newId } from '#lib/ids.ts';
import type { StateTransaction } from '#state/state.ts';
import { insertToken, revokeToken } from '#state/token-writer.ts';
import { accessKeyContext } from '#vault/contexts.ts';
import { auditor } from '../audit.ts';
import type { Services } from '../services.ts';
import type { Caller } from './caller.ts';

type Parts = Pick<Services, 'state' | 'vault' | 'clock'>;

/**
 * Makes a token or an access key; whether the caller may is asked before, and with `mayStill` in the transaction
 * that stores it. Throws E_INPUT.
 */
export async function createCredential(
  { state, vault, clock }: Parts,
  caller: Caller,
  owner: { readonly id: string; readonly username: string },
  wanted: Pick<Token, 'kind' | 'name' | 'expiresAt'>,
  mayStill: (tx: StateTransaction) => Promise<void> = async () => undefined,
): Promise<CreatedToken> {
  const now = clock();
  if (wanted.expiresAt !== null && wanted.expiresAt <= now)
    throw new PortcullisError('E_INPUT', 'The token would have expired already.', {
      problems: [{ path: 'expiresAt', message: 'must be in the future' }],
    });
  const { kind, name } = wanted;
  const token = { id: newId(now), name, expiresAt: expiry(caller, owner.id, wanted.expiresAt) };
  const { secret, hash } = kind === 'token' ? issueToken() : issueAccessKeySecret();
  const sealed = kind === 'token' ? {} : { sealed: vault.seal(secret, accessKeyContext(token.id)) };
  await state.transact(async (tx, emit) => {
    await mayStill(tx);
    await insertToken(tx, { ...token, userId: owner.id, ...sealed, hash }, now);
    auditor(emit, caller, now).tokenCreated(owner.username, { token: token.id, name, kind });
  });
  return {
    ...token,
    username: owner.username,
    kind,
    createdAt: now,
    lastUsedAt: null,
    token: secret.expose(),
  };
}

/** Revokes a token or an access key. Nothing happens when it was revoked already. */
export async function revokeCredential(
  { state, clock }: Pick<Parts, 'state' | 'clock'>,
  caller: Caller,
  token: Pick<Token, 'id' | 'username' | 'name'>,
): Promise<void> {
  const now = clock();
  await state.transact(async (tx, emit) => {
    if (await revokeToken(tx, token.id, now))
      auditor(emit, caller, now).tokenRevoked(token.username, { token: token.id, name: token.name });
  });
}

/** A token made with a token does not outlive it: renewing a credential must not drop its limit. */
function expiry(caller: Caller, userId: string, wanted: number | null): number | null {
  const limit = caller.userId === userId ? caller.credentialExpiresAt : null;
  if (limit === null) return wanted;
  return wanted === null ? limit : Math.min(wanted, limit);
}
