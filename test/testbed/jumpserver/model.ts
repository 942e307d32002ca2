import { randomUUID } from 'node:crypto';

export const ROOT_ORGANISATION = '00000000-0000-0000-0000-000000000000';
export const DEFAULT_ORGANISATION = '00000000-0000-0000-0000-000000000002';

export interface StandInUser {
  readonly id: string;
  readonly username: string;
  readonly name: string;
  email: string;
  source: string;
  isActive: boolean;
  isSuperuser: boolean;
  loginBlocked: boolean;
  hasMfa: boolean;
  password: string;
  /** Organisations they belong to; everybody is in the root organisation as well. */
  readonly organisations: readonly string[];
  /** `app.action_model`; a superuser has all. */
  readonly permissions: readonly string[];
  /** Private token, 40 hexadecimal digits. */
  readonly token: string | null;
  readonly accessKey: { readonly id: string; readonly secret: string } | null;
}

export interface StandInSession {
  readonly id: string;
  readonly userId: string;
  readonly user: string;
  readonly asset: string;
  readonly account: string;
  readonly address: string;
  readonly organisation: string;
  readonly startedAt: number;
  isFinished: boolean;
  /** How often it is still listed after it was killed; null when nobody has killed it. */
  listingsLeft: number | null;
  /** So many kills are lost: the component does not hold the session and says nothing. */
  lostKills: number;
}

export interface StandInWebSession {
  readonly id: string;
  readonly userId: string;
  readonly address: string;
}

export interface StandInCommand {
  readonly id: string;
  readonly session: string;
  readonly user: string;
  readonly input: string;
  readonly timestamp: number;
}

export interface StandInOrganisation {
  readonly id: string;
  readonly name: string;
}

/** Everything the stand-in knows. Tests change it as people and components would. */
export interface Model {
  readonly users: StandInUser[];
  readonly sessions: StandInSession[];
  readonly webSessions: StandInWebSession[];
  readonly commands: StandInCommand[];
  readonly organisations: StandInOrganisation[];
  /** Mails that were sent, by kind and user name. */
  readonly mails: { readonly kind: 'password' | 'mfa'; readonly username: string }[];
  listingsUntilGone: number;
}

export function emptyModel(): Model {
  return {
    users: [],
    sessions: [],
    webSessions: [],
    commands: [],
    organisations: [{ id: DEFAULT_ORGANISATION, name: 'Default' }],
    mails: [],
    listingsUntilGone: 2,
  };
}

export function addUser(
  model: Model,
  fields: Partial<StandInUser> & { readonly username: string },
): StandInUser {
  const user: StandInUser = {
    id: randomUUID(),
    name: fields.username,
    email: `${fields.username}@example.test`,
    source: 'local',
    isActive: true,
    isSuperuser: false,
    loginBlocked: false,
    hasMfa: true,
    password: 'the old one',
    organisations: [DEFAULT_ORGANISATION],
    permissions: [],
    token: null,
    accessKey: null,
    ...fields,
  };
  model.users.push(user);
  return user;
}

export function addSession(
  model: Model,
  user: StandInUser,
  fields: Partial<StandInSession> = {},
): StandInSession {
  const session: StandInSession = {
    id: randomUUID(),
    userId: user.id,
    user: `${user.name}(${user.username})`,
    asset: 'web01(10.0.0.5)',
    account: 'root(root)',
    address: '198.51.100.7',
    organisation: DEFAULT_ORGANISATION,
    startedAt: Date.now(),
    isFinished: false,
    listingsLeft: null,
    lostKills: 0,
    ...fields,
  };
  model.sessions.push(session);
  return session;
}
