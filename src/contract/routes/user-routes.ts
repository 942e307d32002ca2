import { z } from 'zod';
import { UserInput } from '../apply-document.ts';
import { Name } from '../names.ts';
import { Recovery } from '../resources/recovery.ts';
import { Containment } from '../resources/session.ts';
import { Language, NewPassword, PublicKeyLine, Role, User, UserKey } from '../resources/user.ts';
import { Lock } from '../resources/lock.ts';
import { ADMINS, EVERYBODY, READERS, RESPONDERS, defineRoute, listOf } from './route.ts';

const tag = 'users';
const params = z.strictObject({ username: Name });

export const USER_ROUTES = {
  getMe: defineRoute({
    method: 'GET',
    path: '/v1/me',
    tag,
    summary: 'The user whose credential this is.',
    callers: EVERYBODY,
    response: z.object({ username: z.string(), roles: z.array(Role), user: User.nullable() }),
  }),
  listUsers: defineRoute({
    method: 'GET',
    path: '/v1/users',
    tag,
    summary: 'All users.',
    callers: READERS,
    response: listOf(User),
  }),
  createUser: defineRoute({
    method: 'POST',
    path: '/v1/users',
    tag,
    summary: 'Create a user.',
    callers: ADMINS,
    body: UserInput,
    response: User,
    status: 201,
  }),
  getUser: defineRoute({
    method: 'GET',
    path: '/v1/users/:username',
    tag,
    summary: 'One user. With the role user alone: oneself.',
    callers: EVERYBODY,
    params,
    response: User,
  }),
  updateUser: defineRoute({
    method: 'PATCH',
    path: '/v1/users/:username',
    tag,
    summary: 'Change name, mail address, roles or language.',
    callers: ADMINS,
    params,
    body: z.strictObject({
      name: z.string().max(128).optional(),
      email: z.email().max(254).nullable().optional(),
      roles: z.array(Role).optional(),
      language: Language.optional(),
    }),
    response: User,
  }),
  deleteUser: defineRoute({
    method: 'DELETE',
    path: '/v1/users/:username',
    tag,
    summary: 'Delete a user with keys and tokens, and end their sessions. Events and recordings stay.',
    callers: ADMINS,
    params,
  }),
  setUserPassword: defineRoute({
    method: 'PUT',
    path: '/v1/users/:username/password',
    tag,
    summary: 'Set the password.',
    callers: ADMINS,
    params,
    body: z.strictObject({ password: NewPassword }),
  }),
  listUserKeys: defineRoute({
    method: 'GET',
    path: '/v1/users/:username/keys',
    tag,
    summary: 'Public keys of a user. With the role user alone: one’s own.',
    callers: EVERYBODY,
    params,
    response: listOf(UserKey),
  }),
  setUserKeys: defineRoute({
    method: 'PUT',
    path: '/v1/users/:username/keys',
    tag,
    summary: 'Replace the public keys of a user. Keys that stay keep their state.',
    callers: ADMINS,
    params,
    body: z.strictObject({ publicKeys: z.array(PublicKeyLine).max(50) }),
    response: listOf(UserKey),
  }),
  lockUser: defineRoute({
    method: 'POST',
    path: '/v1/users/:username/lock',
    tag,
    summary: 'Lock a user out and end their sessions.',
    callers: RESPONDERS,
    params,
    body: z.strictObject({
      reason: z.string().max(500).default(''),
      expiresAt: z.number().int().nullable().default(null),
    }),
    response: z.object({ lock: Lock, containment: Containment }),
  }),
  unlockUser: defineRoute({
    method: 'POST',
    path: '/v1/users/:username/unlock',
    tag,
    summary: 'End every lock on this user. Credentials stay as they are.',
    callers: RESPONDERS,
    params,
    body: z.strictObject({ reason: z.string().max(500).default('') }),
    response: listOf(Lock),
  }),
  startRecovery: defineRoute({
    method: 'POST',
    path: '/v1/users/:username/recovery',
    tag,
    summary: 'Kill the credentials of a user and mail a one-time link with which to set new ones.',
    callers: RESPONDERS,
    params,
    response: Recovery,
    status: 201,
  }),
  cancelRecovery: defineRoute({
    method: 'POST',
    path: '/v1/users/:username/recovery/cancel',
    tag,
    summary: 'End a recovery that was not completed. Its link dies; the old credentials stay dead.',
    callers: RESPONDERS,
    params,
    response: Recovery,
  }),
  getRecovery: defineRoute({
    method: 'GET',
    path: '/v1/users/:username/recovery',
    tag,
    summary: 'The last recovery of a user, step by step.',
    callers: READERS,
    params,
    response: Recovery,
  }),
} as const;
