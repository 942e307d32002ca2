import { PortcullisError } from '#contract/errors.ts';
import { nameKey } from '#contract/names.ts';
import type { TOKEN_ROUTES } from '#contract/routes/token-routes.ts';
import { issueAccessKeySecret, issueToken } from '#identity/tokens.ts';
import { newId } from '#lib/ids.ts';
import { readTokens } from '#state/token-reader.ts';
import { insertToken, revokeToken } from '#state/token-writer.ts';
import { accessKeyContext } from '#vault/contexts.ts';
import { isAdmin, type Caller } from '../access/caller.ts';
import { auditor } from '../audit.ts';
import { notFound } from '../http/error-answers.ts';
import type { Handlers } from '../http/register-routes.ts';
import type { Services } from '../services.ts';

export function tokenHandlers({ state, users, vault, clock }: Services): Handlers<typeof TOKEN_ROUTES> {
  /** The owner, when the caller may handle their tokens; anybody else answers like nobody. */
  const owner = async (caller: Caller, username: string): Promise<{ id: string; username: string }> => {
    const own = nameKey(caller.name) === nameKey(username) && caller.userId !== null;
    const user = own || isAdmin(caller) ? await users.find(username) : undefined;
    if (user === undefined) throw notFound();
    return user;
  };

  return {
    listTokens: async ({ caller, query }) => {
      if (query.user !== undefined) {
        const user = await owner(caller, query.user);
        return { items: [...(await readTokens(state.reader, clock(), user.id))] };
      }
      const all = isAdmin(caller) ? undefined : (caller.userId ?? '');
      return { items: [...(await readTokens(state.reader, clock(), all))] };
    },
    createToken: async ({ caller, body }) => {
      const user = await owner(caller, body.user);
      const now = clock();
      if (body.expiresAt !== null && body.expiresAt <= now)
        throw new PortcullisError('E_INPUT', 'The token would have expired already.', {
          problems: [{ path: 'expiresAt', message: 'must be in the future' }],
        });
      const token = {
        id: newId(now),
        userId: user.id,
        name: body.name,
        expiresAt: expiry(caller, user.id, body.expiresAt),
      };
      const { kind } = body;
      const { secret, hash } = kind === 'token' ? issueToken() : issueAccessKeySecret();
      const sealed = kind === 'token' ? {} : { sealed: vault.seal(secret, accessKeyContext(token.id)) };
      await state.transact(async (tx, emit) => {
        await insertToken(tx, { ...token, ...sealed, hash }, now);
        auditor(emit, caller, now).tokenCreated(user.username, { token: token.id, name: token.name, kind });
      });
      return {
        id: token.id,
        username: user.username,
        kind,
        name: token.name,
        createdAt: now,
        expiresAt: token.expiresAt,
        lastUsedAt: null,
        token: secret.expose(),
      };
    },
    revokeToken: async ({ caller, params }) => {
      const now = clock();
      const mine = isAdmin(caller) ? undefined : (caller.userId ?? '');
      const token = (await readTokens(state.reader, now, mine)).find((one) => one.id === params.id);
      if (token === undefined) throw notFound();
      await state.transact(async (tx, emit) => {
        if (await revokeToken(tx, token.id, now))
          auditor(emit, caller, now).tokenRevoked(token.username, { token: token.id, name: token.name });
      });
      return undefined;
    },
  };
}

/** A token made with a token does not outlive it: renewing a credential must not drop its limit. */
function expiry(caller: Caller, userId: string, wanted: number | null): number | null {
  const limit = caller.userId === userId ? caller.credentialExpiresAt : null;
  if (limit === null) return wanted;
  return wanted === null ? limit : Math.min(wanted, limit);
}
