import { nameKey } from '#contract/names.ts';
import type { TOKEN_ROUTES } from '#contract/routes/token-routes.ts';
import { readTokens } from '#state/token-reader.ts';
import { isAdmin, type Caller } from '../access/caller.ts';
import { createCredential, revokeCredential } from '../access/credentials.ts';
import { notFound } from '../http/error-answers.ts';
import type { Handlers } from '../http/register-routes.ts';
import type { Services } from '../services.ts';

export function tokenHandlers(services: Services): Handlers<typeof TOKEN_ROUTES> {
  const { state, users, clock } = services;

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
    createToken: async ({ caller, body }) =>
      createCredential(services, caller, await owner(caller, body.user), body),
    revokeToken: async ({ caller, params }) => {
      const mine = isAdmin(caller) ? undefined : (caller.userId ?? '');
      const token = (await readTokens(state.reader, clock(), mine)).find((one) => one.id === params.id);
      if (token === undefined) throw notFound();
      await revokeCredential(services, caller, token);
      return undefined;
    },
  };
}
