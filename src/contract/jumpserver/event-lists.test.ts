import { describe, expect, test } from 'vitest';
import { type EventFields, type EventRecord, makeEvent } from '../event.ts';
import { EVENT_CATALOGUE, type EventType, isEventType } from '../event-catalogue.ts';
import {
  COMMAND_TYPES,
  CommandFilter,
  commandTypesOf,
  JumpServerCommand,
  jumpServerCommand,
  passesCommandFilter,
} from './command.ts';
import {
  JumpServerLoginLog,
  jumpServerLoginLog,
  LoginLogFilter,
  loginTypesOf,
  passesLoginLogFilter,
} from './login-log.ts';
import type { DisplayNames, Manner } from './manner.ts';
import {
  JumpServerOperateLog,
  jumpServerOperateLog,
  OPERATE_TYPES,
  OperateLogFilter,
  operateDiff,
  passesOperateLogFilter,
} from './operate-log.ts';
import {
  JumpServerPasswordChangeLog,
  jumpServerPasswordChangeLog,
  PasswordChangeLogFilter,
  passesPasswordChangeLogFilter,
} from './password-change-log.ts';

const TIME = 1_727_769_700_900;
const MANNER: Manner = { version: 4, date: (timeMs) => `at ${timeMs}` };
const NAMES: DisplayNames = {
  user: (username) =>
    ({ alice: 'Alice Li(alice)', root: 'Administrator(root)' })[username] ?? `${username}(${username})`,
  asset: (name) => (name === 'web01' ? 'web01(10.0.0.5)' : name),
};
const event = (type: EventType, fields: EventFields): EventRecord =>
  makeEvent(type, `id of ${type}`, TIME, fields);
const ALL_TYPES = Object.keys(EVENT_CATALOGUE).filter(isEventType);

const command = (type: EventType, fields: EventFields = {}): EventRecord =>
  event(type, {
    user: 'alice',
    address: '192.0.2.7',
    asset: 'web01',
    account: 'root',
    session: 's-1',
    command: 'su -',
    data: { matched: 'su' },
    ...fields,
  });

describe('commands', () => {
  test('a denied command, as documented', () => {
    const shown = jumpServerCommand(command('command.denied'), NAMES, MANNER);
    expect(shown).toEqual({
      id: 'id of command.denied',
      user: 'Alice Li(alice)',
      asset: 'web01(10.0.0.5)',
      account: 'root(root)',
      input: 'su -',
      output: 'Command `su` is forbidden',
      session: 's-1',
      risk_level: { value: 5, label: 'Reject' },
      org_id: '00000000-0000-0000-0000-000000000002',
      timestamp: 1_727_769_700,
      timestamp_display: `at ${TIME}`,
      remote_addr: '192.0.2.7',
    });
    expect(JumpServerCommand.parse(shown)).toEqual(shown);
  });

  test.each<[EventType, number]>([
    ['command.allowed', 0],
    ['command.input', 0],
    ['command.warned', 4],
    ['command.denied', 5],
  ])('%s has risk level %d', (type, level) => {
    expect(jumpServerCommand(command(type), NAMES, MANNER)?.risk_level.value).toBe(level);
    expect(commandTypesOf(level)).toContain(type);
  });

  test('nothing else is a command, and no other level has any', () => {
    const shown = ALL_TYPES.filter((type) => jumpServerCommand(command(type), NAMES, MANNER) !== undefined);
    expect(shown).toEqual(expect.arrayContaining([...COMMAND_TYPES]));
    expect(shown).toHaveLength(COMMAND_TYPES.length);
    expect([6, 7, 8, Number.NaN].flatMap(commandTypesOf)).toEqual([]);
  });

  test('what is not known is empty', () => {
    expect(jumpServerCommand(event('command.denied', {}), NAMES, MANNER)).toMatchObject({
      user: '',
      asset: '',
      account: '',
      input: '',
      output: 'Command `` is forbidden',
      session: '',
      remote_addr: '',
    });
  });

  test.each<[Record<string, string>, boolean]>([
    [{}, true],
    [{ user: 'alice' }, true],
    [{ user: 'Alice' }, true],
    [{ user: 'lice' }, false],
    [{ account: 'root' }, true],
    [{ account: 'admin' }, false],
    [{ asset: '10.0.0' }, true],
    [{ asset: 'db' }, false],
    [{ input: 'SU' }, true],
    [{ input: 'reboot' }, false],
    [{ search: 'web01' }, true],
    [{ search: 'db01' }, false],
  ])('filter %j: %s', (query, passes) => {
    const shown = jumpServerCommand(command('command.denied'), NAMES, MANNER);
    expect(shown !== undefined && passesCommandFilter(shown, CommandFilter.parse(query))).toBe(passes);
  });
});

describe('logins', () => {
  const ssh = event('login.succeeded', {
    user: 'alice',
    address: '10.1.2.3',
    channel: 'ssh',
    data: { method: 'password', clientSoftware: 'SSH-2.0-OpenSSH_9.9', typedName: 'Alice' },
  });
  const failed = event('login.failed', {
    address: '203.0.113.7',
    channel: 'ssh',
    data: {
      method: 'publickey',
      clientSoftware: 'SSH-2.0-Go',
      typedName: 'root\\x1b',
      reason: 'wrong_password',
      credential: 'wrong',
    },
  });
  const api = event('web.signed_in', {
    user: 'alice',
    address: '::1',
    data: { channel: 'api', method: 'token', client: 'python-requests/2.32' },
  });

  test('over ssh', () => {
    const shown = jumpServerLoginLog(ssh, NAMES, MANNER);
    expect(shown).toEqual({
      id: 'id of login.succeeded',
      username: 'Alice Li(alice)',
      type: { value: 'T', label: 'Terminal' },
      ip: '10.1.2.3',
      city: 'LAN',
      user_agent: 'SSH-2.0-OpenSSH_9.9',
      mfa: { value: 0, label: 'Disabled' },
      reason: '',
      reason_display: '',
      backend: 'Password',
      backend_display: 'Password',
      status: { value: true, label: 'Success' },
      datetime: `at ${TIME}`,
    });
    expect(JumpServerLoginLog.parse(shown)).toEqual(shown);
  });

  test('a failure tells what was typed, and never a person', () => {
    expect(jumpServerLoginLog(failed, NAMES, MANNER)).toMatchObject({
      username: 'root\\x1b',
      type: { value: 'T' },
      city: 'Unknown',
      mfa: { value: 2 },
      reason: 'wrong_password',
      reason_display: 'The password is wrong',
      backend: 'SSH Key',
      status: { value: false, label: 'Failed' },
    });
  });

  test('over the API, with the client software', () => {
    expect(jumpServerLoginLog(api, NAMES, MANNER)).toMatchObject({
      type: { value: 'U', label: 'API' },
      user_agent: 'python-requests/2.32',
      backend: 'Auth Token',
      city: 'LAN',
    });
  });

  test('over the web', () => {
    const web = { ...api, data: { ...api.data, channel: 'web' } };
    expect(jumpServerLoginLog(web, NAMES, MANNER)?.type).toEqual({ value: 'W', label: 'Web' });
  });

  test('with a second factor', () => {
    const two = { ...ssh, data: { ...ssh.data, secondFactor: 'totp' } };
    expect(jumpServerLoginLog(two, NAMES, MANNER)?.mfa).toEqual({ value: 1, label: 'Enabled' });
  });

  test('types by status, and nothing else is a login', () => {
    expect(loginTypesOf(true)).not.toContain('login.failed');
    expect(loginTypesOf(false)).toEqual(['login.failed']);
    const shown = ALL_TYPES.filter(
      (type) => jumpServerLoginLog(event(type, {}), NAMES, MANNER) !== undefined,
    );
    expect(shown.toSorted()).toEqual(loginTypesOf(undefined).toSorted());
  });

  test.each<[Record<string, string>, boolean]>([
    [{}, true],
    [{ username: 'alice' }, true],
    [{ username: 'bob' }, false],
    [{ ip: '10.1.2.3' }, true],
    [{ ip: '10.1.2' }, false],
    [{ type: 'T' }, true],
    [{ type: 'W' }, false],
    [{ city: 'LAN' }, true],
    [{ backend: 'SSH Key' }, false],
    [{ mfa: '0' }, true],
    [{ user_agent: 'SSH-2.0-OpenSSH_9.9' }, true],
    [{ user_agent: 'x' }, false],
    [{ search: 'ALICE' }, true],
    [{ search: 'bob' }, false],
  ])('filter %j: %s', (query, passes) => {
    const shown = jumpServerLoginLog(ssh, NAMES, MANNER);
    expect(shown !== undefined && passesLoginLogFilter(shown, LoginLogFilter.parse(query))).toBe(passes);
  });
});

describe('operations', () => {
  test('an administrator who changes a user', () => {
    const updated = event('object.updated', {
      actor: 'root',
      address: '10.9.9.9',
      user: 'alice',
      data: { kind: 'user', name: 'alice', fields: ['email'] },
    });
    const shown = jumpServerOperateLog(updated, NAMES, MANNER);
    expect(shown).toEqual({
      id: 'id of object.updated',
      user: 'Administrator(root)',
      action: { value: 'update', label: 'Update' },
      resource_type: 'User',
      resource: 'Alice Li(alice)',
      remote_addr: '10.9.9.9',
      datetime: `at ${TIME}`,
      org_id: '00000000-0000-0000-0000-000000000002',
      org_name: 'Default',
    });
    expect(JumpServerOperateLog.parse(shown)).toEqual(shown);
    expect(operateDiff(updated, NAMES)).toEqual({ diff: [{ field: 'email', before: '', after: '' }] });
  });

  test.each<[string, EventRecord, object, object[]]>([
    [
      'a user who is locked is no longer active',
      event('lock.added', { actor: 'root', user: 'alice', data: { targetKind: 'user', target: 'alice' } }),
      { action: { value: 'update' }, resource_type: 'User', resource: 'Alice Li(alice)' },
      [{ field: 'Active', before: 'True', after: 'False' }],
    ],
    [
      'and active again when the lock ends',
      event('lock.ended', { actor: 'root', user: 'alice', data: { targetKind: 'user', target: 'alice' } }),
      { action: { value: 'update' }, resource_type: 'User' },
      [{ field: 'Active', before: 'False', after: 'True' }],
    ],
    [
      'another lock is a thing of its own',
      event('lock.added', { actor: 'root', data: { targetKind: 'address', target: '192.0.2.0/24' } }),
      { action: { value: 'create' }, resource_type: 'Lock', resource: 'address 192.0.2.0/24' },
      [],
    ],
    [
      'what the program does by itself is done by the system',
      event('session.terminated', { actor: 'portcullis', user: 'alice', session: 's-1' }),
      { user: 'System', action: { value: 'finished' }, resource_type: 'Session', resource: 's-1' },
      [],
    ],
    [
      'somebody who is signed out',
      event('web.signed_out', { actor: 'root', user: 'alice' }),
      { user: 'Administrator(root)', action: { value: 'finished' }, resource: 'Alice Li(alice)' },
      [],
    ],
    [
      'a password',
      event('user.password_changed', { actor: 'root', user: 'alice' }),
      { action: { value: 'change_password' }, resource: 'Alice Li(alice)', remote_addr: '127.0.0.1' },
      [],
    ],
    [
      'an asset that is deleted',
      event('object.deleted', { actor: 'root', asset: 'web01', data: { kind: 'asset', name: 'web01' } }),
      { action: { value: 'delete' }, resource_type: 'Asset', resource: 'web01(10.0.0.5)' },
      [],
    ],
    [
      'a rule that is created',
      event('object.created', { actor: 'root', data: { kind: 'command-rule', name: 'no-su' } }),
      { action: { value: 'create' }, resource_type: 'Command filter ACL', resource: 'no-su' },
      [],
    ],
    [
      'a recording that is downloaded',
      event('recording.read', { actor: 'root', session: 's-1', data: { how: 'download' } }),
      { action: { value: 'download' }, resource_type: 'Session replay', resource: 's-1' },
      [],
    ],
    [
      'a recovery',
      event('recovery.started', { actor: 'root', user: 'alice' }),
      { action: { value: 'update' }, resource: 'Alice Li(alice)' },
      [{ field: 'Recovery', before: '', after: 'started' }],
    ],
    [
      'a second factor that is removed',
      event('user.second_factor_removed', { actor: 'root', user: 'alice' }),
      { user: 'Administrator(root)', action: { value: 'update' }, resource: 'Alice Li(alice)' },
      [{ field: 'MFA', before: 'Enabled', after: 'Disabled' }],
    ],
    [
      'a token',
      event('token.revoked', { actor: 'root', user: 'alice' }),
      { action: { value: 'delete' }, resource_type: 'Access token' },
      [],
    ],
    [
      'an offense',
      event('offense.closed', { actor: 'root', offense: 'o-1' }),
      { action: { value: 'update' }, resource_type: 'Offense', resource: 'o-1' },
      [],
    ],
  ])('%s', (_what, record, expected, diff) => {
    expect(jumpServerOperateLog(record, NAMES, MANNER)).toMatchObject(expected);
    expect(operateDiff(record, NAMES)).toEqual({ diff });
  });

  test('the types that are searched are the types that are shown', () => {
    const shown = ALL_TYPES.filter(
      (type) => jumpServerOperateLog(event(type, {}), NAMES, MANNER) !== undefined,
    );
    expect(shown.toSorted()).toEqual(OPERATE_TYPES.toSorted());
  });

  test.each<[Record<string, string>, boolean]>([
    [{}, true],
    [{ user: 'root' }, true],
    [{ user: 'alice' }, false],
    [{ action: 'change_password' }, true],
    [{ action: 'update' }, false],
    [{ resource_type: 'User' }, true],
    [{ resource_type: 'Asset' }, false],
    [{ resource: 'alice' }, true],
    [{ remote_addr: '127.0.0.1' }, true],
    [{ search: 'alice' }, true],
    [{ search: 'bob' }, false],
  ])('filter %j: %s', (query, passes) => {
    const record = event('user.password_changed', { actor: 'root', user: 'alice' });
    const shown = jumpServerOperateLog(record, NAMES, MANNER);
    expect(shown !== undefined && passesOperateLogFilter(shown, OperateLogFilter.parse(query))).toBe(passes);
  });
});

describe('changed passwords', () => {
  test('by an administrator', () => {
    const record = event('user.password_changed', { actor: 'root', user: 'alice', address: '10.9.9.9' });
    const shown = jumpServerPasswordChangeLog(record, NAMES, MANNER);
    expect(shown).toEqual({
      id: 'id of user.password_changed',
      user: 'Alice Li(alice)',
      change_by: 'Administrator(root)',
      remote_addr: '10.9.9.9',
      datetime: `at ${TIME}`,
    });
    expect(JumpServerPasswordChangeLog.parse(shown)).toEqual(shown);
  });

  test.each([
    ['by the program', event('user.password_changed', { actor: 'system', user: 'alice' }), 'System'],
    ['by oneself', event('user.password_changed', { user: 'alice' }), 'Alice Li(alice)'],
    [
      'a public key',
      event('object.updated', { actor: 'root', user: 'alice', data: { fields: ['publicKeys'] } }),
      'Administrator(root)',
    ],
  ])('%s', (_what, record, by) => {
    expect(jumpServerPasswordChangeLog(record, NAMES, MANNER)?.change_by).toBe(by);
  });

  test.each([
    [
      'another change',
      event('object.updated', { actor: 'root', user: 'alice', data: { fields: ['email'] } }),
    ],
    ['nobody’s', event('user.password_changed', {})],
    ['another event', event('login.failed', { user: 'alice' })],
  ])('not %s', (_what, record) => {
    expect(jumpServerPasswordChangeLog(record, NAMES, MANNER)).toBeUndefined();
  });

  test.each<[Record<string, string>, boolean]>([
    [{ user: 'alice' }, true],
    [{ user: 'root' }, false],
    [{ change_by: 'root' }, true],
    [{ change_by: 'alice' }, false],
    [{ remote_addr: '127.0.0.1' }, true],
    [{ remote_addr: '::1' }, false],
    [{ search: 'administrator' }, true],
    [{ search: 'bob' }, false],
  ])('filter %j: %s', (query, passes) => {
    const record = event('user.password_changed', { actor: 'root', user: 'alice' });
    const shown = jumpServerPasswordChangeLog(record, NAMES, MANNER);
    expect(
      shown !== undefined && passesPasswordChangeLogFilter(shown, PasswordChangeLogFilter.parse(query)),
    ).toBe(passes);
  });
});
