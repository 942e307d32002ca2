import type { SHAPES } from './shapes.ts';

type ShapeName = keyof typeof SHAPES;

/** One call as the documentation has it. `{alice}` and the like stand for what is there. */
export interface DocumentedCall {
  readonly call: string;
  readonly body?: unknown;
  readonly status?: number;
  /** An array with these, or one of them. */
  readonly items?: ShapeName;
  readonly answer?: ShapeName;
  /** Whether a person without any role may, about themselves. */
  readonly everybody?: true;
  /** Requests that say something wrong: a query or a body, and the fields that the answer names. */
  readonly wrong?: readonly (readonly [
    what: string | { readonly body: unknown },
    fields: readonly string[],
  ])[];
}

const ids = { body: { ids: 'all' } };
const noChoice = '?is_finished=perhaps';

/** Reads first; what is changed comes last, and ends with what takes something away. */
export const CALLS: readonly DocumentedCall[] = [
  {
    call: 'GET /users/users/?username=alice',
    items: 'user',
    wrong: [
      ['?is_active=perhaps', ['is_active']],
      ['?username=a&username=b', ['username']],
    ],
  },
  { call: 'GET /users/users/?is_active=TRUE&order=-username', items: 'user' },
  { call: 'GET /users/users/suggestions/?username=alice', items: 'miniUser' },
  { call: 'GET /users/users/{alice}/', answer: 'userDetail' },
  { call: 'GET /users/users/alice/', answer: 'userDetail' },
  { call: 'GET /users/groups/', items: 'group' },
  { call: 'GET /users/profile/', answer: 'userDetail', everybody: true },
  {
    call: 'GET /terminal/sessions/?user_id={alice}&is_finished=false',
    items: 'session',
    wrong: [
      [noChoice, ['is_finished']],
      ['?date_from=yesterday&date_to=2024/13/01', ['date_from', 'date_to']],
    ],
  },
  {
    call: 'GET /terminal/sessions/?is_finished=True&date_from=2020/01/01 00:00:00 %2B0800',
    items: 'session',
  },
  { call: 'GET /terminal/sessions/{session}/', answer: 'session' },
  {
    call: 'GET /terminal/my-sessions/',
    items: 'session',
    everybody: true,
    wrong: [[noChoice, ['is_finished']]],
  },
  {
    call: 'GET /terminal/commands/?session_id={session}',
    items: 'command',
    wrong: [['?date_from=x', ['date_from']]],
  },
  {
    call: 'GET /terminal/commands/?command_storage_id={storage}&risk_level=5&order=timestamp',
    items: 'command',
  },
  { call: 'GET /terminal/command-storages/', items: 'storage' },
  {
    call: 'GET /audits/login-logs/?username=alice&status=false',
    items: 'loginLog',
    wrong: [['?date_to=x', ['date_to']]],
  },
  { call: 'GET /audits/my-login-logs/', items: 'loginLog', everybody: true },
  { call: 'GET /audits/operate-logs/?user=root', items: 'operateLog', wrong: [['?date_to=x', ['date_to']]] },
  { call: 'GET /audits/operate-logs/{log}/', answer: 'operateLog' },
  { call: 'GET /audits/operate-logs/{log}/?type=action_detail', answer: 'diff' },
  { call: 'GET /audits/password-change-logs/?user=carol', items: 'passwordLog' },
  { call: 'GET /audits/ftp-logs/?user=alice', items: 'empty' },
  {
    call: 'GET /audits/user-sessions/?user=alice',
    items: 'webSession',
    wrong: [['?is_active=?', ['is_active']]],
  },
  { call: 'GET /authentication/access-keys/', items: 'accessKey', everybody: true },
  { call: 'GET /authentication/access-keys/{key}/', answer: 'accessKey', everybody: true },

  {
    call: 'PATCH /users/users/{carol}/',
    body: { name: 'Carol' },
    answer: 'userDetail',
    wrong: [
      [{ body: { is_active: 'perhaps' } }, ['is_active']],
      [{ body: { is_active: [] } }, ['is_active']],
      [{ body: { name: 7, email: 'no address' } }, ['email', 'name']],
      [{ body: { mfa_level: 3 } }, ['mfa_level']],
      [{ body: [] }, ['non_field_errors']],
      [{ body: '"text"' }, ['non_field_errors']],
    ],
  },
  {
    call: 'PUT /users/users/{carol}/',
    body: { name: 'Carol', username: 'carol', email: 'carol@example.test', is_active: true },
    answer: 'userDetail',
    wrong: [
      [{ body: { is_active: true } }, ['email', 'name', 'username']],
      [{ body: { name: '', username: 7, email: '' } }, ['username']],
    ],
  },
  {
    call: 'PATCH /users/users/',
    body: [{ id: '{carol}', is_active: true }],
    items: 'userDetail',
    wrong: [
      [{ body: {} }, ['non_field_errors']],
      [{ body: [{ is_active: false }] }, ['non_field_errors']],
    ],
  },
  ...(['PUT', 'PATCH'] as const).flatMap((method): readonly DocumentedCall[] => [
    {
      call: `${method} /users/users/{carol}/password/`,
      body: { password: 'a long enough phrase' },
      answer: 'userDetail',
      wrong: [
        [{ body: {} }, ['password']],
        [{ body: { password: 7 } }, ['password']],
        [{ body: { password: 'x' } }, ['password']],
      ],
    },
    { call: `${method} /users/users/{carol}/password/reset/`, body: {}, answer: 'userDetail' },
    {
      call: `${method} /users/profile/`,
      body: { name: 'Someone' },
      answer: 'userDetail',
      everybody: true,
      wrong: [[{ body: { name: {} } }, ['name']]],
    },
  ]),
  {
    call: 'PUT /users/profile/password/',
    body: {
      old_password: 'a long enough phrase',
      new_password: 'another long phrase',
      new_password_again: 'another long phrase',
    },
    answer: 'userDetail',
    everybody: true,
    wrong: [
      [{ body: {} }, ['new_password', 'new_password_again', 'old_password']],
      [
        { body: { old_password: 'x', new_password: 'another long phrase', new_password_again: 'y' } },
        ['new_password_again'],
      ],
    ],
  },
  { call: 'PATCH /users/users/{carol}/unblock/', body: {}, answer: 'userDetail' },
  { call: 'PATCH /users/users/{carol}/pubkey/reset/', body: {}, answer: 'userDetail' },
  { call: 'GET /users/users/{carol}/mfa/reset/', answer: 'success' },
  {
    call: 'POST /authentication/access-keys/',
    body: {},
    status: 201,
    answer: 'newAccessKey',
    everybody: true,
    wrong: [[{ body: { ip_group: 'all' } }, ['ip_group']]],
  },
  {
    call: 'POST /terminal/tasks/toggle-lock-session/',
    body: { session_id: '{session}', task_name: 'unlock_session' },
    answer: 'ok',
    wrong: [
      [{ body: {} }, ['session_id', 'task_name']],
      [{ body: { session_id: 7, task_name: 'explode' } }, ['session_id', 'task_name']],
    ],
  },
  {
    call: 'POST /terminal/tasks/kill-session/',
    body: ['{session}', '{ended}'],
    answer: 'ok',
    wrong: [
      [{ body: '"text"' }, ['non_field_errors']],
      [{ body: '7' }, ['non_field_errors']],
    ],
  },
  {
    call: 'POST /audits/user-sessions/offline/',
    body: { ids: [] },
    answer: 'empty',
    wrong: [
      [{ body: {} }, ['ids']],
      [ids, ['ids']],
    ],
  },
  { call: 'DELETE /authentication/access-keys/{key}/', status: 204, everybody: true },
];
