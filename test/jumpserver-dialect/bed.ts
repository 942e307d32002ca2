import type { World } from '#main/demo/world.ts';
import { DocumentedClient } from './documented-client.ts';

/** A service user with this role, and a client that has its token. */
export async function clientOf(
  world: World,
  username: string,
  roles: readonly string[] = ['admin'],
): Promise<DocumentedClient> {
  const applied = await world.server.api('POST', '/v1/apply', {
    users: [{ username, kind: 'service', roles }],
  });
  if (applied.status !== 200) throw new Error(JSON.stringify(applied.body));
  const created = await world.server.api<{ readonly token: string }>('POST', '/v1/tokens', {
    user: username,
    name: 'siem',
  });
  if (created.status !== 201) throw new Error(JSON.stringify(created.body));
  return new DocumentedClient(world.server.httpUrl, created.body.token);
}
