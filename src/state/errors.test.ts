import { describe, expect, it } from 'vitest';
import { PortcullisError } from '#contract/errors.ts';
import { isUniqueViolation, StateError, toStateError } from './errors.ts';

const sqlite = (errcode: number, message = 'constraint failed'): Error =>
  Object.assign(new Error(message), { code: 'ERR_SQLITE_ERROR', errcode });
const postgres = (code: string): Error => Object.assign(new Error('refused'), { code, table: 'users' });

describe('toStateError', () => {
  it.each([
    [sqlite(2067, 'UNIQUE constraint failed: users.usernameKey'), 'unique', 'E_CONFLICT', 'users'],
    [sqlite(1555, 'UNIQUE constraint failed: users.id'), 'unique', 'E_CONFLICT', 'users'],
    [sqlite(787, 'FOREIGN KEY constraint failed'), 'foreign-key', 'E_CONFLICT', null],
    [sqlite(275), 'check', 'E_STATE', null],
    [sqlite(1299, 'NOT NULL constraint failed: users.name'), 'not-null', 'E_STATE', 'users'],
    [sqlite(13, 'database or disk is full'), 'disk-full', 'E_DISK_FULL', null],
    [sqlite(10, 'disk I/O error'), 'other', 'E_STATE', null],
    [postgres('23505'), 'unique', 'E_CONFLICT', 'users'],
    [postgres('23503'), 'foreign-key', 'E_CONFLICT', 'users'],
    [postgres('22021'), 'text', 'E_INPUT', 'users'],
    [postgres('53100'), 'disk-full', 'E_DISK_FULL', 'users'],
    [postgres('57014'), 'timeout', 'E_STATE', 'users'],
    [postgres('57P01'), 'unavailable', 'E_UNAVAILABLE', 'users'],
    [postgres('08006'), 'unavailable', 'E_UNAVAILABLE', 'users'],
    [postgres('42P01'), 'other', 'E_STATE', 'users'],
    [Object.assign(new Error('no'), { code: 'ECONNREFUSED' }), 'unavailable', 'E_UNAVAILABLE', null],
    [new Error('the other thread has ended'), 'unavailable', 'E_UNAVAILABLE', null],
    ['a bare text', 'other', 'E_STATE', null],
  ])('%s is %s', (error, failure, code, table) => {
    expect(toStateError(error)).toMatchObject({ failure, code, table });
  });

  it('leaves our own errors alone, and makes them whole again after a thread', () => {
    const own = new PortcullisError('E_LAST_ADMIN', 'no');
    expect(toStateError(own)).toBe(own);
    const crossed = Object.assign(new Error('gone'), { code: 'E_STATE', failure: 'timeout' });
    crossed.name = 'PortcullisError';
    expect(toStateError(crossed)).toBeInstanceOf(StateError);
    expect(toStateError(crossed)).toMatchObject({ failure: 'timeout', exitCode: 74 });
    const other = Object.assign(new Error('in use'), { name: 'PortcullisError', code: 'E_DATA_DIR_IN_USE' });
    expect(toStateError(other)).toMatchObject({ code: 'E_DATA_DIR_IN_USE', exitCode: 75 });
  });

  it('takes nothing else for a unique violation', () => {
    expect(isUniqueViolation(new Error('UNIQUE constraint failed: users.id'))).toBe(false);
    expect(isUniqueViolation(toStateError(sqlite(787)))).toBe(false);
    expect(isUniqueViolation(undefined)).toBe(false);
  });
});
