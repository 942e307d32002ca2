import { createHmac } from 'node:crypto';

/**
 * What automation in the field does, written from JumpServer's documentation alone: this file knows nothing of
 * the program it talks to, only paths, shapes and header rules as they are documented.
 */

export interface RemoteUser {
  readonly id: string;
  readonly username: string;
  readonly name: string;
  readonly is_active: boolean;
  readonly [field: string]: unknown;
}

export interface RemoteSession {
  readonly id: string;
  readonly user: string;
  readonly asset: string;
  readonly is_finished: boolean;
  readonly [field: string]: unknown;
}

export type Query = Readonly<Record<string, string | number | boolean>>;

/** The headers that say who asks, for one request; the target is path and query as they are sent. */
export type Credential = (method: string, target: string) => Readonly<Record<string, string>>;

export function privateToken(token: string): Credential {
  return () => ({ authorization: `Token ${token}` });
}

export function accessKey(id: string, secret: string): Credential {
  return (method, target) => {
    const date = new Date().toUTCString();
    const text = `(request-target): ${method.toLowerCase()} ${target}\ndate: ${date}`;
    const signature = createHmac('sha256', secret).update(text).digest('base64');
    const parts = { keyId: id, algorithm: 'hmac-sha256', headers: '(request-target) date', signature };
    const fields = Object.entries(parts).map(([name, value]) => `${name}="${value}"`);
    return { date, authorization: `Signature ${fields.join(',')}` };
  };
}

/** How the ids of sessions are sent. */
export type KillBody = (ids: readonly string[]) => unknown;

export class DocumentedClient {
  readonly #base: string;
  readonly #credential: Credential;

  /** `base` is the address of the server without a path. */
  constructor(base: string, credential: Credential) {
    this.#base = base;
    this.#credential = credential;
  }

  async call(
    method: string,
    path: string,
    { query = {}, body }: { readonly query?: Query; readonly body?: unknown } = {},
  ): Promise<{ readonly status: number; readonly body: unknown }> {
    const url = new URL(`/api/v1${path}`, this.#base);
    for (const [key, value] of Object.entries(query)) url.searchParams.set(key, String(value));
    const response = await fetch(url, {
      method,
      redirect: 'error',
      headers: {
        ...this.#credential(method, `${url.pathname}${url.search}`),
        'x-jms-org': '00000000-0000-0000-0000-000000000002',
        accept: 'application/json',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? null : (JSON.parse(text) as unknown) };
  }

  async #ok<T>(method: string, path: string, options: { query?: Query; body?: unknown } = {}): Promise<T> {
    const answer = await this.call(method, path, options);
    if (answer.status !== 200)
      throw new Error(`${method} ${path} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
    return answer.body as T;
  }

  /** The one user of exactly this name. */
  async findUser(username: string): Promise<RemoteUser> {
    const found = await this.#ok<readonly RemoteUser[]>('GET', '/users/users/', { query: { username } });
    const exact = found.filter((user) => user.username === username);
    const [user] = exact;
    if (user === undefined || exact.length > 1)
      throw new Error(`${exact.length} users are called ${username}`);
    return user;
  }

  openSessions(userId: string): Promise<readonly RemoteSession[]> {
    return this.#ok('GET', '/terminal/sessions/', { query: { user_id: userId, is_finished: false } });
  }

  /** Gives the ids of the sessions that were there to be ended. Some programs send the ids as names of an object. */
  async kill(sessionIds: readonly string[], body: KillBody = (ids) => ids): Promise<readonly string[]> {
    const { ok } = await this.#ok<{ ok: readonly string[] }>('POST', '/terminal/tasks/kill-session/', {
      body: body(sessionIds),
    });
    return ok;
  }

  setActive(userId: string, isActive: boolean): Promise<RemoteUser> {
    return this.#ok('PATCH', `/users/users/${userId}/`, { body: { is_active: isActive } });
  }

  resetPassword(userId: string): Promise<RemoteUser> {
    return this.#ok('PATCH', `/users/users/${userId}/password/reset/`, { body: {} });
  }

  resetMfa(userId: string): Promise<{ readonly msg: string }> {
    return this.#ok('GET', `/users/users/${userId}/mfa/reset/`);
  }

  unblock(userId: string): Promise<RemoteUser> {
    return this.#ok('PATCH', `/users/users/${userId}/unblock/`, { body: {} });
  }

  /** Signs somebody out of the web. */
  async signOut(username: string): Promise<void> {
    const open = await this.list('/audits/user-sessions/', { user: username });
    await this.#ok('POST', '/audits/user-sessions/offline/', { body: { ids: open.map((one) => one['id']) } });
  }

  list(path: string, query: Query = {}): Promise<readonly Record<string, unknown>[]> {
    return this.#ok('GET', path, { query });
  }
}

export interface Blocked {
  readonly user: RemoteUser;
  readonly sessions: readonly RemoteSession[];
  readonly killed: readonly string[];
}

/** The usual response to an offense: end what is open, disable, sign out of the web. */
export async function blockUser(
  client: DocumentedClient,
  username: string,
  killBody?: KillBody,
): Promise<Blocked> {
  const { id } = await client.findUser(username);
  const sessions = await client.openSessions(id);
  const killed = await client.kill(
    sessions.map((session) => session.id),
    killBody,
  );
  const user = await client.setActive(id, false);
  await client.signOut(username);
  return { user, sessions, killed };
}

/** The usual way back after an investigation. */
export async function recoverUser(client: DocumentedClient, username: string): Promise<RemoteUser> {
  const { id } = await client.findUser(username);
  await client.resetPassword(id);
  await client.resetMfa(id);
  return client.setActive(id, true);
}
