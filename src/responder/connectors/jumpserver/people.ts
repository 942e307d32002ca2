import { ConnectorError } from '../connector-error.ts';
import type { ForeignUser } from '../connector.ts';
import type { ApiClient } from './client.ts';
import { listAll } from './list.ts';
import { readAs, UserItem } from './shapes.ts';

const TRIES = 3;

export function userOf(item: UserItem, organisation: string): ForeignUser {
  return {
    id: item.id,
    username: item.username,
    email: item.email === undefined || item.email === '' ? null : item.email,
    isActive: item.is_active,
    isSuperuser: item.is_superuser,
    source: item.source,
    organisation,
  };
}

/**
 * The one user who is spelt exactly so, in whichever organisation. A server that answers with others as well,
 * or with others only, changes nothing: only the exact name counts. Throws ConnectorError `ambiguous` for two.
 */
export async function findUser(
  client: ApiClient,
  username: string,
  organisations: readonly string[],
  signal: AbortSignal,
): Promise<ForeignUser | null> {
  const found = new Map<string, ForeignUser>();
  for (const organisation of organisations) {
    const items = await listAll(client, UserItem, {
      path: 'users/users/',
      query: { username },
      organisation,
      signal,
    });
    for (const item of items)
      if (item.username === username && !found.has(item.id)) found.set(item.id, userOf(item, organisation));
  }
  if (found.size > 1)
    throw new ConnectorError('ambiguous', `${found.size} users there are called ${username}`);
  return [...found.values()][0] ?? null;
}

/** The same person as they are now; null when they are gone. */
export async function readUser(
  client: ApiClient,
  { id, organisation }: Pick<ForeignUser, 'id' | 'organisation'>,
  signal: AbortSignal,
): Promise<ForeignUser | null> {
  const path = `users/users/${id}/`;
  try {
    const { body } = await client.call({ method: 'GET', path, organisation, signal, isLook: true });
    const item = readAs(UserItem, body, path);
    if (item.id !== id) throw new ConnectorError('protocol', `${path} was answered with another user`);
    return userOf(item, organisation);
  } catch (error) {
    if (error instanceof ConnectorError && error.failure === 'not-found') return null;
    throw error;
  }
}

/**
 * Sets and reads back: what the change itself answers is not believed. When it is not known whether the change
 * arrived, what is there decides. Throws ConnectorError, `refused` when the server takes the change and does
 * not make it.
 */
export async function setActive(
  client: ApiClient,
  user: ForeignUser,
  isActive: boolean,
  signal: AbortSignal,
): Promise<ForeignUser> {
  const path = `users/users/${user.id}/`;
  for (let attempt = 1; ; attempt++) {
    let doubt: ConnectorError | null = null;
    try {
      await client.call({
        method: 'PATCH',
        path,
        body: { is_active: isActive },
        organisation: user.organisation,
        signal,
        isLook: false,
      });
    } catch (error) {
      if (!(error instanceof ConnectorError) || !error.mayHaveActed) throw error;
      doubt = error;
    }
    const now = await readUser(client, user, signal);
    if (now === null) throw new ConnectorError('not-found', `${user.username} is gone`);
    if (now.isActive === isActive) return now;
    if (doubt === null)
      throw new ConnectorError(
        'refused',
        `the server took the change and ${user.username} is still ${now.isActive ? 'active' : 'inactive'}`,
      );
    if (attempt >= TRIES) throw doubt;
  }
}
