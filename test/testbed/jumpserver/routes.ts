import { Answer, FORBIDDEN, methodNotAllowed, notFound } from './answer.ts';
import { type Model, ROOT_ORGANISATION, type StandInUser } from './model.ts';
import { commandShape, sessionShape, userShape, type Version, webSessionShape } from './shapes.ts';

export interface RouteCall {
  readonly method: string;
  readonly url: URL;
  readonly body: unknown;
  readonly organisation: string;
  readonly caller: StandInUser;
}

export interface RouteOptions {
  readonly version: Version;
  /** Version 2 before 2.16 has the reset of the second factor at another path. */
  readonly oldMfaPath: boolean;
  /** A server that filters users by containment, as a search does. */
  readonly fuzzyUsernames: boolean;
  /** A server that does not know the filter and gives everybody's sessions. */
  readonly unfilteredSessions: boolean;
}

/** A list, to be cut into pages; or an answer as it is. */
export type RouteResult = Answer | { readonly list: readonly unknown[] };

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

const may = (caller: StandInUser, permission: string): boolean =>
  caller.isSuperuser || caller.permissions.includes(permission);

/** What the operation gives. Undefined when there is no such path. */
export function answer(call: RouteCall, model: Model, options: RouteOptions): RouteResult | undefined {
  const path = call.url.pathname.slice('/api/v1/'.length);
  const user = /^users\/users\/([^/]+)\/(.*)$/.exec(path);
  if (path === 'users/profile/') return profile(call, model, options);
  if (path === 'orgs/orgs/')
    return may(call.caller, 'orgs.view_organization') ? { list: model.organisations } : FORBIDDEN;
  if (path === 'users/users/') return listUsers(call, model, options);
  if (user !== null) return oneUser(user[1] ?? '', user[2] ?? '', call, model, options);
  if (path === 'terminal/sessions/') return listSessions(call, model, options);
  const session = /^terminal\/sessions\/([^/]+)\/$/.exec(path);
  if (session !== null) return oneSession(session[1] ?? '', call, model, options);
  if (path === 'terminal/tasks/kill-session/') return killSessions(call, model);
  if (path === 'terminal/commands/') return listCommands(call, model, options);
  if (path.startsWith('audits/user-sessions/') && options.version > 2)
    return webSessions(path.slice('audits/user-sessions/'.length), call, model);
  return undefined;
}

function profile({ method, caller }: RouteCall, model: Model, { version }: RouteOptions): Answer {
  if (method !== 'GET') return methodNotAllowed(method);
  const organisations = caller.isSuperuser
    ? [{ id: ROOT_ORGANISATION, name: 'Global' }, ...model.organisations]
    : model.organisations.filter(({ id }) => caller.organisations.includes(id));
  return new Answer(200, {
    ...userShape(caller, version),
    perms: caller.isSuperuser ? ['*.*'] : caller.permissions,
    console_orgs: organisations,
    audit_orgs: [],
    workbench_orgs: [],
  });
}

const isMember = (user: StandInUser, organisation: string): boolean =>
  organisation === ROOT_ORGANISATION || user.organisations.includes(organisation);

function listUsers(call: RouteCall, model: Model, options: RouteOptions): RouteResult {
  if (call.method !== 'GET') return methodNotAllowed(call.method);
  if (!may(call.caller, 'users.view_user')) return FORBIDDEN;
  const username = call.url.searchParams.get('username');
  const fits = (user: StandInUser): boolean =>
    username === null ||
    (options.fuzzyUsernames
      ? user.username.toLowerCase().includes(username.toLowerCase())
      : user.username === username);
  const users = model.users.filter((user) => isMember(user, call.organisation) && fits(user));
  return { list: users.map((user) => userShape(user, options.version)) };
}

function oneUser(
  id: string,
  operation: string,
  call: RouteCall,
  model: Model,
  options: RouteOptions,
): RouteResult | undefined {
  const { method, caller, body } = call;
  const user = model.users.find(
    (one) => (one.id === id || one.username === decodeURIComponent(id)) && isMember(one, call.organisation),
  );
  const needed = method === 'GET' ? 'users.view_user' : 'users.change_user';
  if (!may(caller, needed)) return FORBIDDEN;
  if (user === undefined) return notFound('User');
  if (method !== 'GET' && user.isSuperuser && !caller.isSuperuser) return FORBIDDEN;
  const whole = (): Answer => new Answer(200, userShape(user, options.version));
  switch (operation) {
    case '':
      if (method === 'GET') return whole();
      if (method !== 'PATCH') return methodNotAllowed(method);
      return changeUser(user, body, caller, whole);
    case 'password/reset/':
      if (method !== 'PATCH') return methodNotAllowed(method);
      model.mails.push({ kind: 'password', username: user.username });
      return whole();
    case 'password/': {
      if (method !== 'PATCH' && method !== 'PUT') return methodNotAllowed(method);
      const password = fieldOf(body, 'password');
      if (typeof password !== 'string' || password === '')
        return new Answer(400, { password: ['This field is required.'] });
      user.password = password;
      return whole();
    }
    case options.oldMfaPath ? 'otp/reset/' : 'mfa/reset/':
      if (method !== 'GET') return methodNotAllowed(method);
      if (user === caller)
        return new Answer(options.oldMfaPath ? 401 : 400, {
          error: 'Could not reset self otp, use profile reset instead',
        });
      user.hasMfa = false;
      model.mails.push({ kind: 'mfa', username: user.username });
      return new Answer(200, { msg: 'success' });
    case 'unblock/':
      if (method !== 'PATCH') return methodNotAllowed(method);
      user.loginBlocked = false;
      return whole();
    default:
      return undefined;
  }
}

function changeUser(user: StandInUser, body: unknown, caller: StandInUser, whole: () => Answer): Answer {
  const isActive = fieldOf(body, 'is_active');
  if (isActive !== undefined && typeof isActive !== 'boolean')
    return new Answer(400, { is_active: ['Must be a valid boolean.'] });
  // One's own state cannot be changed, and nobody says so.
  if (isActive !== undefined && user !== caller) user.isActive = isActive;
  return whole();
}

function fieldOf(body: unknown, name: string): unknown {
  return typeof body === 'object' && body !== null && name in body
    ? (body as Readonly<Record<string, unknown>>)[name]
    : undefined;
}

function listSessions(call: RouteCall, model: Model, options: RouteOptions): RouteResult {
  if (call.method !== 'GET') return methodNotAllowed(call.method);
  if (!may(call.caller, 'terminal.view_session')) return FORBIDDEN;
  const { searchParams } = call.url;
  const userId = options.unfilteredSessions ? null : searchParams.get('user_id');
  const finished = searchParams.get('is_finished')?.toLowerCase();
  const listed = model.sessions.filter(
    (one) =>
      (call.organisation === ROOT_ORGANISATION || one.organisation === call.organisation) &&
      (userId === null || one.userId === userId) &&
      (finished === undefined || String(one.isFinished) === finished),
  );
  const shapes = listed.map((one) => sessionShape(one, options.version));
  // What was killed goes some time after, seen from outside: after it was listed so many times.
  for (const one of listed)
    if (one.listingsLeft !== null) {
      one.listingsLeft -= 1;
      if (one.listingsLeft <= 0) one.isFinished = true;
    }
  return { list: shapes };
}

function oneSession(id: string, call: RouteCall, model: Model, options: RouteOptions): Answer {
  if (call.method !== 'GET') return methodNotAllowed(call.method);
  if (!may(call.caller, 'terminal.view_session')) return FORBIDDEN;
  const session = model.sessions.find(
    (one) =>
      one.id === id && (call.organisation === ROOT_ORGANISATION || one.organisation === call.organisation),
  );
  return session === undefined
    ? notFound('Session')
    : new Answer(200, sessionShape(session, options.version));
}

function killSessions({ method, body, caller, organisation }: RouteCall, model: Model): Answer {
  if (method !== 'POST') return methodNotAllowed(method);
  if (!may(caller, 'terminal.terminate_session')) return FORBIDDEN;
  if (!Array.isArray(body)) return new Answer(400, { error: 'A list of ids is expected.' });
  const ids = body as readonly unknown[];
  if (!ids.every((id) => typeof id === 'string' && UUID.test(id))) return new Answer(500, undefined);
  const found = model.sessions.filter(
    (one) =>
      ids.includes(one.id) &&
      !one.isFinished &&
      (organisation === ROOT_ORGANISATION || one.organisation === organisation),
  );
  for (const one of found)
    if (one.lostKills > 0) one.lostKills -= 1;
    else one.listingsLeft ??= model.listingsUntilGone;
  for (const one of found) if (one.listingsLeft !== null && one.listingsLeft <= 0) one.isFinished = true;
  return new Answer(200, { ok: found.map((one) => one.id) });
}

function listCommands(call: RouteCall, model: Model, options: RouteOptions): RouteResult {
  if (call.method !== 'GET') return methodNotAllowed(call.method);
  if (!may(call.caller, 'terminal.view_command')) return FORBIDDEN;
  const session = call.url.searchParams.get('session_id');
  // Without a storage and without a session there is nothing to see.
  if (session === null) return { list: [] };
  const input = call.url.searchParams.get('input');
  const fitting = model.commands.filter(
    (one) => one.session === session && (input === null || one.input.includes(input)),
  );
  return { list: fitting.map((one) => commandShape(one, options.version)) };
}

function webSessions(rest: string, call: RouteCall, model: Model): RouteResult | undefined {
  const { method, caller, body, url } = call;
  if (rest === '') {
    if (method !== 'GET') return methodNotAllowed(method);
    if (!may(caller, 'audits.view_usersession')) return FORBIDDEN;
    const userId = url.searchParams.get('user');
    const found = model.webSessions.filter((one) => userId === null || one.userId === userId);
    return {
      list: found.flatMap((one) => {
        const user = model.users.find(({ id }) => id === one.userId);
        return user === undefined ? [] : [webSessionShape(one, user)];
      }),
    };
  }
  if (rest !== 'offline/') return undefined;
  if (method !== 'POST') return methodNotAllowed(method);
  if (!may(caller, 'audits.offline_usersession')) return FORBIDDEN;
  const ids = fieldOf(body, 'ids');
  if (!Array.isArray(ids)) return new Answer(400, { ids: ['This field is required.'] });
  const gone = new Set(ids as readonly unknown[]);
  for (let index = model.webSessions.length - 1; index >= 0; index--)
    if (gone.has(model.webSessions[index]?.id)) model.webSessions.splice(index, 1);
  return new Answer(200, undefined);
}
