/**
 * Shapes of answers, written from JumpServer's documentation alone: a kind for each field, and no field besides.
 */
export type Kind = (value: unknown) => boolean;
export type Shape = Readonly<Record<string, Kind>>;

export const text: Kind = (value) => typeof value === 'string';
export const flag: Kind = (value) => typeof value === 'boolean';
export const whole: Kind = (value) => Number.isInteger(value);
export const list: Kind = (value) => Array.isArray(value);
export const uuid: Kind = (value) =>
  typeof value === 'string' && /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/.test(value);
export const date: Kind = (value) =>
  typeof value === 'string' && /^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d [+-]\d{4}$/.test(value);
export const orNull =
  (kind: Kind): Kind =>
  (value) =>
    value === null || kind(value);
export const oneOf =
  (...values: readonly unknown[]): Kind =>
  (value) =>
    values.includes(value);
/** Since version 3: `{"value": X, "label": "for people"}`. */
export const choice =
  (value: Kind): Kind =>
  (given) =>
    problemsIn(given, { value, label: text }).length === 0;
export const each =
  (shape: Shape): Kind =>
  (value) =>
    Array.isArray(value) && value.every((one) => problemsIn(one, shape).length === 0);
/** Since version 3: what else an object belongs to. */
export const reference: Kind = (value) => problemsIn(value, { id: text, name: text }).length === 0;

/** What does not fit, by field; nothing when everything does. */
export function problemsIn(value: unknown, shape: Shape): readonly string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return ['is no object'];
  const fields = new Map<string, unknown>(Object.entries(value));
  return [
    ...Object.entries(shape)
      .filter(([name, kind]) => !kind(fields.get(name)))
      .map(([name]) => `${name} is ${JSON.stringify(fields.get(name))}`),
    ...[...fields.keys()].filter((name) => !Object.hasOwn(shape, name)).map((name) => `${name} is unknown`),
  ];
}

const USER_3: Shape = {
  id: uuid,
  name: text,
  username: text,
  email: text,
  wechat: text,
  phone: orNull((value) => problemsIn(value, { code: text, phone: text }).length === 0),
  mfa_level: choice(oneOf(0, 1, 2)),
  source: choice(oneOf('local', 'ldap', 'openid', 'radius', 'cas', 'saml2', 'oauth2', 'custom')),
  created_by: text,
  updated_by: text,
  comment: text,
  date_expired: date,
  date_joined: date,
  last_login: orNull(date),
  date_updated: date,
  date_api_key_last_used: orNull(date),
  date_password_last_updated: orNull(date),
  is_superuser: flag,
  is_org_admin: flag,
  is_service_account: flag,
  is_valid: flag,
  is_expired: flag,
  is_active: flag,
  is_otp_secret_key_bound: flag,
  can_public_key_auth: flag,
  mfa_enabled: flag,
  mfa_force_enabled: flag,
  need_update_password: flag,
  is_first_login: flag,
  avatar_url: text,
  groups: each({ id: text, name: text }),
  system_roles: each({ id: text, display_name: text, name: text }),
  org_roles: each({ id: text, display_name: text, name: text }),
  labels: list,
  login_blocked: flag,
  password_strategy: choice(text),
  wecom_id: orNull(text),
  dingtalk_id: orNull(text),
  feishu_id: orNull(text),
};
const USER_4: Shape = {
  ...USER_3,
  lark_id: orNull(text),
  slack_id: orNull(text),
  ukey_sn: orNull(text),
  can_ukey_auth: flag,
  is_face_code_set: flag,
};
const DETAIL: Shape = { login_confirm_settings: list, has_public_keys: flag };

const SESSION_3: Shape = {
  id: uuid,
  user: text,
  asset: text,
  user_id: text,
  asset_id: text,
  account: text,
  account_id: text,
  protocol: text,
  type: choice(oneOf('normal', 'tunnel', 'command', 'sftp')),
  login_from: choice(oneOf('ST', 'RT', 'WT', 'DT', 'VT')),
  remote_addr: text,
  is_success: flag,
  is_finished: flag,
  has_replay: flag,
  has_command: flag,
  date_start: date,
  date_end: orNull(date),
  duration: (value) => typeof value === 'string' && /^(?:\d+ days?, )?\d+:\d\d:\d\d$/.test(value),
  comment: orNull(text),
  terminal_display: text,
  is_locked: flag,
  command_amount: whole,
  error_reason: choice(text),
  terminal: reference,
  can_replay: flag,
  can_join: flag,
  can_terminate: flag,
  org_id: uuid,
  org_name: text,
};

const LOG = { id: uuid, datetime: date } as const;

/** The objects that version 3 and 4 answer with. */
export const SHAPES = {
  user: { 3: USER_3, 4: USER_4 },
  userDetail: { 3: { ...USER_3, ...DETAIL }, 4: { ...USER_4, ...DETAIL } },
  miniUser: same({ id: uuid, name: text, username: text }),
  group: same({
    id: uuid,
    name: text,
    comment: text,
    created_by: text,
    date_created: date,
    users: each({ id: text, name: text }),
    users_amount: whole,
    labels: list,
    org_id: uuid,
    org_name: text,
  }),
  session: { 3: SESSION_3, 4: { ...SESSION_3, replay_size: whole } },
  ok: same({ ok: (value) => Array.isArray(value) && value.every(text) }),
  command: same({
    id: uuid,
    user: text,
    asset: text,
    account: text,
    input: text,
    output: text,
    session: text,
    risk_level: choice(oneOf(0, 4, 5, 6, 7, 8)),
    org_id: uuid,
    timestamp: whole,
    timestamp_display: date,
    remote_addr: text,
  }),
  storage: same({
    id: uuid,
    name: text,
    type: choice(oneOf('server', 'es', 'null')),
    meta: (value) => typeof value === 'object',
    comment: text,
    is_default: flag,
    org_id: uuid,
    org_name: text,
  }),
  loginLog: same({
    ...LOG,
    username: text,
    type: choice(oneOf('W', 'T', 'U')),
    ip: text,
    city: text,
    user_agent: text,
    mfa: choice(oneOf(0, 1, 2)),
    reason: text,
    reason_display: text,
    backend: text,
    backend_display: text,
    status: choice(flag),
  }),
  operateLog: same({
    ...LOG,
    user: text,
    action: choice(
      oneOf(
        ...'view update delete create export download connect login change_password accept review notice reject approve close finished'.split(
          ' ',
        ),
      ),
    ),
    resource_type: text,
    resource: text,
    remote_addr: orNull(text),
    org_id: uuid,
    org_name: text,
  }),
  diff: same({ diff: each({ field: text, before: text, after: text }) }),
  passwordLog: same({ ...LOG, user: text, change_by: text, remote_addr: text }),
  webSession: same({
    id: uuid,
    user: reference,
    ip: text,
    city: text,
    user_agent: text,
    type: choice(oneOf('W')),
    backend: text,
    backend_display: text,
    is_active: flag,
    is_current_user_session: flag,
    date_created: date,
    date_expired: date,
  }),
  accessKey: same({
    id: uuid,
    is_active: flag,
    date_created: date,
    date_last_used: orNull(date),
    ip_group: list,
  }),
  newAccessKey: same({
    id: uuid,
    is_active: flag,
    date_created: date,
    date_last_used: orNull(date),
    ip_group: list,
    secret: text,
  }),
  signedIn: {
    3: { token: text, keyword: oneOf('Bearer'), date_expired: date, user: fits({ ...USER_3, ...DETAIL }) },
    4: { token: text, keyword: oneOf('Bearer'), date_expired: date, user: fits({ ...USER_4, ...DETAIL }) },
  },
  success: same({ msg: oneOf('success') }),
  empty: same({}),
} as const satisfies Readonly<Record<string, Readonly<Record<3 | 4, Shape>>>>;

function same(shape: Shape): Readonly<Record<3 | 4, Shape>> {
  return { 3: shape, 4: shape };
}

function fits(shape: Shape): Kind {
  return (value) => problemsIn(value, shape).length === 0;
}
