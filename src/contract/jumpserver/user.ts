import { z } from 'zod';
import type { Problem } from '../errors.ts';
import { nameKey } from '../names.ts';
import type { User } from '../resources/user.ts';
import { type Choice, choice, choiceOf } from './choice.ts';
import { BodyFlag, Flag } from './filters.ts';
import { type Manner, ORGANISATION } from './manner.ts';

const NamedRole = z.object({ id: z.string(), display_name: z.string(), name: z.string() });
const Text = z.string().nullable();

export const JumpServerUser = z.object({
  id: z.uuid(),
  name: z.string(),
  username: z.string(),
  email: z.string(),
  wechat: z.string(),
  phone: z.null(),
  /** 0 disabled, 1 enabled, 2 forced. */
  mfa_level: choiceOf(z.union([z.literal(0), z.literal(1), z.literal(2)])),
  source: choiceOf(z.literal('local')),
  created_by: z.string(),
  updated_by: z.string(),
  comment: z.string(),
  date_expired: z.string(),
  date_joined: z.string(),
  last_login: Text,
  date_updated: z.string(),
  date_api_key_last_used: Text,
  date_password_last_updated: Text,
  is_superuser: z.boolean(),
  is_org_admin: z.boolean(),
  is_service_account: z.boolean(),
  is_valid: z.boolean(),
  is_expired: z.boolean(),
  is_active: z.boolean(),
  is_otp_secret_key_bound: z.boolean(),
  can_public_key_auth: z.boolean(),
  mfa_enabled: z.boolean(),
  mfa_force_enabled: z.boolean(),
  need_update_password: z.boolean(),
  is_first_login: z.boolean(),
  avatar_url: z.string(),
  groups: z.array(z.object({ id: z.string(), name: z.string() })),
  system_roles: z.array(NamedRole),
  org_roles: z.array(NamedRole),
  labels: z.array(z.string()),
  login_blocked: z.boolean(),
  password_strategy: choiceOf(z.string()),
  wecom_id: z.null(),
  dingtalk_id: z.null(),
  feishu_id: z.null(),
  // Version 4 has these as well.
  lark_id: z.null().optional(),
  slack_id: z.null().optional(),
  ukey_sn: z.null().optional(),
  can_ukey_auth: z.boolean().optional(),
  is_face_code_set: z.boolean().optional(),
  // One user alone has these as well.
  login_confirm_settings: z.array(z.never()).optional(),
  has_public_keys: z.boolean().optional(),
});
export type JumpServerUser = z.infer<typeof JumpServerUser>;

/** A user as the dialect shows them, and what the dialect shows besides. Times are epoch milliseconds. */
export interface UserFacts {
  readonly user: User;
  readonly groups: readonly { readonly id: string; readonly name: string }[];
  readonly updatedAt: number;
  readonly passwordChangedAt: number | null;
  /** When a session of this person was last opened. */
  readonly lastLoginAt: number | null;
  readonly tokenUsedAt: number | null;
  readonly hasKeys: boolean;
}

/** What a person or a program may ask of a list of users; anything else is passed over. */
export const UserFilter = z.object({
  id: z.string().optional(),
  ids: z.string().optional(),
  username: z.string().optional(),
  name: z.string().optional(),
  email: z.string().optional(),
  groups: z.string().optional(),
  group_id: z.string().optional(),
  exclude_group_id: z.string().optional(),
  source: z.string().optional(),
  system_roles: z.string().optional(),
  mfa_level: z.string().optional(),
  is_active: Flag.optional(),
  is_valid: Flag.optional(),
  is_expired: Flag.optional(),
  is_login_blocked: Flag.optional(),
  is_password_expired: Flag.optional(),
  is_first_login: Flag.optional(),
  search: z.string().optional(),
  q: z.string().optional(),
  order: z.string().optional(),
});
export type UserFilter = z.infer<typeof UserFilter>;

/**
 * Whether a user passes the filter. Names compare whole and, as everywhere here, without case; `search` looks for
 * a part of user name, name or mail address.
 */
export function passesUserFilter(user: JumpServerUser, filter: UserFilter): boolean {
  const same = (wanted: string | undefined, is: string): boolean =>
    wanted === undefined || nameKey(wanted) === nameKey(is);
  const flag = (wanted: boolean | undefined, is: boolean): boolean => wanted === undefined || wanted === is;
  const searched = nameKey(filter.search ?? filter.q ?? '');
  const inGroup = (id: string): boolean => user.groups.some((group) => group.id === id);
  return (
    same(filter.id, user.id) &&
    (filter.ids === undefined || filter.ids.split(',').some((id) => same(id.trim(), user.id))) &&
    same(filter.username, user.username) &&
    same(filter.name, user.name) &&
    same(filter.email, user.email) &&
    same(filter.source, user.source.value) &&
    same(filter.mfa_level, String(user.mfa_level.value)) &&
    (filter.groups === undefined || user.groups.some((group) => same(filter.groups, group.name))) &&
    (filter.group_id === undefined || inGroup(filter.group_id)) &&
    (filter.exclude_group_id === undefined || !inGroup(filter.exclude_group_id)) &&
    (filter.system_roles === undefined ||
      user.system_roles.some((role) => same(filter.system_roles, role.id))) &&
    flag(filter.is_active, user.is_active) &&
    flag(filter.is_valid, user.is_valid) &&
    flag(filter.is_expired, user.is_expired) &&
    flag(filter.is_login_blocked, user.login_blocked) &&
    flag(filter.is_password_expired, false) &&
    flag(filter.is_first_login, user.is_first_login) &&
    [user.username, user.name, user.email].some((text) => nameKey(text).includes(searched))
  );
}

/** Nobody expires here; programs read a date all the same. */
const NEVER_MS = Date.UTC(2099, 11, 31);

/** The built-in roles, with the ids that every JumpServer gives them. */
const SYSTEM_ROLES = {
  admin: { id: '00000000-0000-0000-0000-000000000001', display_name: 'System admin', name: 'SystemAdmin' },
  auditor: {
    id: '00000000-0000-0000-0000-000000000002',
    display_name: 'System auditor',
    name: 'SystemAuditor',
  },
  user: { id: '00000000-0000-0000-0000-000000000003', display_name: 'User', name: 'User' },
  /** Ours alone: may contain and recover, not administer. */
  responder: { id: '00000000-0000-0000-0000-000000000103', display_name: 'Responder', name: 'Responder' },
} as const;

export function jumpServerUser(facts: UserFacts, { version, date }: Manner): JumpServerUser {
  const { user } = facts;
  const { secondFactor } = user;
  const isAdmin = user.roles.includes('admin');
  const dateOf = (timeMs: number | null): string | null => (timeMs === null ? null : date(timeMs));
  return {
    id: user.id,
    name: user.name === '' ? user.username : user.name,
    username: user.username,
    email: user.email ?? '',
    wechat: '',
    phone: null,
    mfa_level: mfaLevel(secondFactor),
    source: choice('local', 'Local'),
    created_by: '',
    updated_by: '',
    comment: '',
    date_expired: date(NEVER_MS),
    date_joined: date(user.createdAt),
    last_login: dateOf(facts.lastLoginAt),
    date_updated: date(facts.updatedAt),
    date_api_key_last_used: dateOf(facts.tokenUsedAt),
    date_password_last_updated: dateOf(facts.passwordChangedAt),
    is_superuser: isAdmin,
    is_org_admin: isAdmin,
    is_service_account: user.kind === 'service',
    is_valid: user.isActive,
    is_expired: false,
    is_active: user.isActive,
    is_otp_secret_key_bound: secondFactor.enrolled,
    can_public_key_auth: true,
    mfa_enabled: secondFactor.enrolled || secondFactor.required,
    mfa_force_enabled: secondFactor.required,
    need_update_password: false,
    is_first_login: false,
    avatar_url: '',
    groups: facts.groups.map(({ id, name }) => ({ id, name })),
    system_roles: user.roles.map((role) => ({ ...SYSTEM_ROLES[role] })),
    org_roles: [],
    labels: [],
    login_blocked: false,
    password_strategy: choice('custom', 'Set password'),
    wecom_id: null,
    dingtalk_id: null,
    feishu_id: null,
    ...(version === 3
      ? {}
      : { lark_id: null, slack_id: null, ukey_sn: null, can_ukey_auth: false, is_face_code_set: false }),
  };
}

/** One user alone has two fields more than in a list. */
export function jumpServerUserDetail(facts: UserFacts, manner: Manner): JumpServerUser {
  return { ...jumpServerUser(facts, manner), login_confirm_settings: [], has_public_keys: facts.hasKeys };
}

function mfaLevel({ enrolled, required }: User['secondFactor']): Choice<0 | 1 | 2> {
  if (required) return choice(2, 'Force enabled');
  return enrolled ? choice(1, 'Enabled') : choice(0, 'Disabled');
}

export const JumpServerGroup = z.object({
  id: z.string(),
  name: z.string(),
  comment: z.string(),
  created_by: z.string(),
  date_created: z.string(),
  users: z.array(z.object({ id: z.string(), name: z.string() })),
  users_amount: z.number().int(),
  labels: z.array(z.string()),
  org_id: z.string(),
  org_name: z.string(),
});
export type JumpServerGroup = z.infer<typeof JumpServerGroup>;

export interface GroupFacts {
  readonly id: string;
  readonly name: string;
  readonly createdAt: number;
  readonly users: readonly { readonly id: string; readonly name: string }[];
}

export function jumpServerGroup(facts: GroupFacts, { date }: Manner): JumpServerGroup {
  return {
    id: facts.id,
    name: facts.name,
    comment: '',
    created_by: '',
    date_created: date(facts.createdAt),
    users: facts.users.map(({ id, name }) => ({ id, name })),
    users_amount: facts.users.length,
    labels: [],
    org_id: ORGANISATION.id,
    org_name: ORGANISATION.name,
  };
}

const Level = z.coerce.number().pipe(z.union([z.literal(0), z.literal(1), z.literal(2)]));
/** The bare value, or the whole choice as it was read. */
const MfaLevel = z.union([z.object({ value: Level }).transform(({ value }) => value), Level]);

const PersonName = z.string().max(128);

/**
 * What may be changed of a user. What a client sends back unchanged, or what nobody here has, is passed over;
 * what exists but is changed elsewhere is compared, so that no change is lost in silence.
 */
export const UserChange = z.object({
  name: PersonName.optional(),
  email: z.union([z.email().max(254), z.literal('')]).optional(),
  is_active: BodyFlag.optional(),
  /** 2 demands a second factor; 0 and 1 leave it to the person. */
  mfa_level: MfaLevel.optional(),
  username: z.string().optional(),
  system_roles: z.array(z.unknown()).optional(),
  groups: z.array(z.unknown()).optional(),
  password: z.string().optional(),
  public_key: z.string().nullable().optional(),
});
export type UserChange = z.infer<typeof UserChange>;

/** The whole user, as PUT sends them. */
export const UserReplacement = UserChange.required({ name: true, username: true, email: true });

export const BulkUserChange = z.array(UserChange.extend({ id: z.string() })).max(1000);

/** What of the change cannot be made here, with what to do instead. */
export function unchangeable(user: JumpServerUser, change: UserChange): readonly Problem[] {
  const idsOf = (items: readonly unknown[]): string => items.map(idIn).toSorted().join();
  const differs = (wanted: readonly unknown[] | undefined, is: readonly unknown[]): boolean =>
    wanted !== undefined && idsOf(wanted) !== idsOf(is);
  const problems: Problem[] = [];
  if (change.username !== undefined && change.username !== user.username)
    problems.push({ path: 'username', message: 'A user name never changes.' });
  if (differs(change.system_roles, user.system_roles))
    problems.push({ path: 'system_roles', message: 'Roles are changed with PATCH /v1/users/NAME.' });
  if (differs(change.groups, user.groups))
    problems.push({ path: 'groups', message: 'Groups are changed with PUT /v1/groups/NAME.' });
  if ((change.public_key ?? '') !== '')
    problems.push({ path: 'public_key', message: 'Keys are changed with PUT /v1/users/NAME/keys.' });
  return problems;
}

/** The id that an item is or has. What is neither is nobody's id, and never made a text of: objects may resist. */
function idIn(item: unknown): string {
  const id = typeof item === 'object' && item !== null && 'id' in item ? item.id : item;
  return typeof id === 'string' ? id : '?';
}

export const PasswordChange = z.object({ password: z.string() });
export const OwnPasswordChange = z.object({
  old_password: z.string().max(1024),
  new_password: z.string(),
  new_password_again: z.string(),
});
export const ProfileChange = z.object({ name: PersonName.optional() });

/** A user in a few words. */
export const MiniUser = z.object({ id: z.uuid(), name: z.string(), username: z.string() });
export type MiniUser = z.infer<typeof MiniUser>;

export const GroupFilter = z.object({
  id: z.string().optional(),
  name: z.string().optional(),
  search: z.string().optional(),
  order: z.string().optional(),
});
export type GroupFilter = z.infer<typeof GroupFilter>;
