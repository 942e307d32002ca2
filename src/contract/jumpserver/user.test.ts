import { expect, test } from 'vitest';
import type { Manner } from './manner.ts';
import {
  JumpServerUser,
  jumpServerUser,
  jumpServerUserDetail,
  passesUserFilter,
  unchangeable,
  UserChange,
  type UserFacts,
  UserFilter,
} from './user.ts';

const date = (timeMs: number): string => `at ${timeMs}`;
const V3: Manner = { version: 3, date };
const V4: Manner = { version: 4, date };

const FACTS: UserFacts = {
  user: {
    id: '0190a1b2-0000-7000-8000-000000000001',
    username: 'alice',
    name: 'Alice Li',
    email: 'alice@example.test',
    kind: 'person',
    roles: ['user', 'admin'],
    groups: ['developers'],
    language: 'en',
    hasPassword: true,
    secondFactor: { enrolled: false, required: false },
    isActive: true,
    createdAt: 1,
  },
  groups: [{ id: 'g-1', name: 'developers' }],
  updatedAt: 2,
  passwordChangedAt: 3,
  lastLoginAt: null,
  tokenUsedAt: 4,
  hasKeys: true,
};

/** As documented for version 4; version 3 lacks the last five. */
const FIELDS =
  `id name username email wechat phone mfa_level source created_by updated_by comment date_expired date_joined
  last_login date_updated date_api_key_last_used is_superuser is_org_admin is_service_account is_valid is_expired is_active
  is_otp_secret_key_bound can_public_key_auth mfa_enabled need_update_password mfa_force_enabled is_first_login
  date_password_last_updated avatar_url groups system_roles org_roles labels login_blocked password_strategy wecom_id
  dingtalk_id feishu_id`.split(/\s+/);
const FIELDS_OF_4 = ['lark_id', 'slack_id', 'ukey_sn', 'can_ukey_auth', 'is_face_code_set'];

test('version 4 has every documented field', () => {
  const user = jumpServerUser(FACTS, V4);
  expect(Object.keys(user).toSorted()).toEqual([...FIELDS, ...FIELDS_OF_4].toSorted());
  expect(JumpServerUser.parse(user)).toEqual(user);
  expect(user).toMatchObject({
    username: 'alice',
    name: 'Alice Li',
    email: 'alice@example.test',
    is_superuser: true,
    is_active: true,
    is_valid: true,
    is_service_account: false,
    mfa_level: { value: 0, label: 'Disabled' },
    source: { value: 'local' },
    date_joined: 'at 1',
    date_updated: 'at 2',
    date_password_last_updated: 'at 3',
    date_api_key_last_used: 'at 4',
    last_login: null,
    groups: [{ id: 'g-1', name: 'developers' }],
  });
});

test('version 3 lacks what came with version 4', () => {
  expect(Object.keys(jumpServerUser(FACTS, V3)).toSorted()).toEqual(FIELDS.toSorted());
});

test('one user alone says more', () => {
  expect(jumpServerUserDetail(FACTS, V4)).toMatchObject({
    has_public_keys: true,
    login_confirm_settings: [],
  });
});

test('a locked user is inactive, and neither name nor address may be missing', () => {
  const user = jumpServerUser(
    { ...FACTS, user: { ...FACTS.user, name: '', email: null, isActive: false } },
    V4,
  );
  expect(user).toMatchObject({ is_active: false, is_valid: false, name: 'alice', email: '' });
});

test.each([
  [{ enrolled: false, required: false }, 0, false, false],
  [{ enrolled: true, required: false }, 1, true, true],
  [{ enrolled: true, required: true }, 2, true, true],
  [{ enrolled: false, required: true }, 2, true, false],
])('second factor %j is level %d', (secondFactor, level, enabled, bound) => {
  expect(jumpServerUser({ ...FACTS, user: { ...FACTS.user, secondFactor } }, V4)).toMatchObject({
    mfa_level: { value: level },
    mfa_enabled: enabled,
    is_otp_secret_key_bound: bound,
  });
});

test.each<[Record<string, string>, boolean]>([
  [{}, true],
  [{ username: 'alice' }, true],
  [{ username: 'Alice' }, true],
  [{ username: 'alic' }, false],
  [{ username: '' }, false],
  [{ id: FACTS.user.id }, true],
  [{ id: FACTS.user.id.toUpperCase() }, true],
  [{ id: 'x' }, false],
  [{ ids: `x, ${FACTS.user.id}` }, true],
  [{ ids: 'x,y' }, false],
  [{ name: 'Alice Li' }, true],
  [{ name: 'Alice' }, false],
  [{ email: 'alice@example.test' }, true],
  [{ email: 'bob@example.test' }, false],
  [{ groups: 'developers' }, true],
  [{ groups: 'operators' }, false],
  [{ group_id: 'g-1' }, true],
  [{ group_id: 'g-2' }, false],
  [{ exclude_group_id: 'g-1' }, false],
  [{ exclude_group_id: 'g-2' }, true],
  [{ source: 'local' }, true],
  [{ source: 'ldap' }, false],
  [{ mfa_level: '0' }, true],
  [{ mfa_level: '1' }, false],
  [{ system_roles: '00000000-0000-0000-0000-000000000001' }, true],
  [{ system_roles: '00000000-0000-0000-0000-000000000002' }, false],
  [{ is_active: 'true' }, true],
  [{ is_active: 'False' }, false],
  [{ is_valid: 'false' }, false],
  [{ is_expired: 'true' }, false],
  [{ is_login_blocked: 'true' }, false],
  [{ is_password_expired: 'true' }, false],
  [{ is_first_login: 'true' }, false],
  [{ search: 'LICE' }, true],
  [{ search: 'example.test' }, true],
  [{ search: 'bob' }, false],
  [{ q: 'bob' }, false],
  [{ limit: '10', oid: 'x' }, true],
])('filter %j: %s', (query, passes) => {
  expect(passesUserFilter(jumpServerUser(FACTS, V4), UserFilter.parse(query))).toBe(passes);
});

test('a whole user sent back changes nothing that is changed elsewhere', () => {
  const user = jumpServerUser(FACTS, V4);
  expect(unchangeable(user, UserChange.parse(user))).toEqual([]);
  const ids = user.system_roles.map(({ id }) => id).toReversed();
  expect(
    unchangeable(user, UserChange.parse({ system_roles: ids, groups: ['g-1'], public_key: '' })),
  ).toEqual([]);
});

test.each([
  ['username', 'alicia'],
  ['system_roles', []],
  ['groups', ['g-2']],
  ['groups', [{ toString: null }]],
  ['groups', [{ id: { toString: null } }]],
  ['public_key', 'ssh-ed25519 AAAA'],
])('a change of %s is refused by name', (field, value) => {
  const problems = unchangeable(jumpServerUser(FACTS, V4), UserChange.parse({ [field]: value }));
  expect(problems.map(({ path }) => path)).toEqual([field]);
});
