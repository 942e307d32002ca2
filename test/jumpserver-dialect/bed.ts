import type { World } from '#main/demo/world.ts';
import { accessKey, DocumentedClient, privateToken } from './documented-client.ts';

interface Created {
  readonly id: string;
  readonly token: string;
}

/** A service user with this role, and a client that has its token, or signs with its access key. */
export async function clientOf(
  world: World,
  username: string,
  roles: readonly string[] = ['admin'],
  kind: 'token' | 'access-key' = 'token',
): Promise<DocumentedClient> {
  const applied = await world.server.api('POST', '/v1/apply', {
    users: [{ username, kind: 'service', roles }],
  });
  if (applied.status !== 200) throw new Error(JSON.stringify(applied.body));
  const created = await world.server.api<Created>('POST', '/v1/tokens', {
    user: username,
    name: 'siem',
    kind,
  });
  if (created.status !== 201) throw new Error(JSON.stringify(created.body));
  const { id, token } = created.body;
  return new DocumentedClient(
    world.server.httpUrl,
    kind === 'token' ? privateToken(token) : accessKey(id, token),
  );
}
