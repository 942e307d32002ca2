import { jumpServerAccessKey, MOST_ACCESS_KEYS } from '#contract/jumpserver/access-key.ts';
import type { DIALECT_ACCESS_KEY_ROUTES } from '#contract/jumpserver/access-key-routes.ts';
import type { Token } from '#contract/resources/token.ts';
import type { StateReader } from '#state/state.ts';
import { readTokens } from '#state/token-reader.ts';
import type { Caller } from '../access/caller.ts';
import { createCredential, revokeCredential } from '../access/credentials.ts';
import { notFound } from '../http/error-answers.ts';
import type { Services } from '../services.ts';
import { type DialectHandlers, DialectRefusal } from './handlers.ts';
import { oneself } from './oneself.ts';

/** Everybody handles their own keys alone here; administrators handle those of others with the native API. */
export function accessKeyHandlers(services: Services): DialectHandlers<typeof DIALECT_ACCESS_KEY_ROUTES> {
  const { state, clock } = services;

  const keysOf = async (db: StateReader, caller: Caller): Promise<readonly Token[]> =>
    (await readTokens(db, clock(), oneself(caller))).filter((one) => one.kind === 'access-key');
  const find = async (caller: Caller, id: string): Promise<Token> => {
    const found = (await keysOf(state.reader, caller)).find((one) => one.id === id.toLowerCase());
    if (found === undefined) throw notFound();
    return found;
  };

  return {
    listAccessKeys: async ({ caller, manner }) =>
      (await keysOf(state.reader, caller)).map((key) => jumpServerAccessKey(key, manner)),
    createAccessKey: async ({ caller, manner }) => {
      const owner = { id: oneself(caller), username: caller.name };
      const wanted = { kind: 'access-key', name: 'made over the JumpServer API', expiresAt: null } as const;
      const { token: secret, ...key } = await createCredential(
        services,
        caller,
        owner,
        wanted,
        async (tx) => {
          if ((await keysOf(tx, caller)).length >= MOST_ACCESS_KEYS)
            throw new DialectRefusal({ error: `A user has ${MOST_ACCESS_KEYS} access keys at the most.` });
        },
      );
      return { ...jumpServerAccessKey(key, manner), secret };
    },
    getAccessKey: async ({ caller, params, manner }) =>
      jumpServerAccessKey(await find(caller, params.id), manner),
    deleteAccessKey: async ({ caller, params }) => {
      await revokeCredential(services, caller, await find(caller, params.id));
      return undefined;
    },
  };
}
