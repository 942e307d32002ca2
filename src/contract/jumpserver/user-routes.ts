import { z } from 'zod';
import { ADMINS, defineRoute, EVERYBODY, READERS, RESPONDERS } from '../routes/route.ts';
import { Failure } from './refusals.ts';
import {
  BulkUserChange,
  GroupFilter,
  JumpServerGroup,
  JumpServerUser,
  MiniUser,
  OwnPasswordChange,
  PasswordChange,
  ProfileChange,
  UserChange,
  UserFilter,
  UserReplacement,
} from './user.ts';

const tag = 'users';
/** The id, or the user name in its place. */
const params = z.object({ id: z.string().max(256) });
/** Bodies that automation sends without meaning anything by them. */
const ignored = z.unknown();

/** These calls are made with either method, and do the same. */
type Either = 'PUT' | 'PATCH';

const passwordReset = (method: Either) =>
  defineRoute({
    method,
    path: '/api/v1/users/users/:id/password/reset/',
    tag,
    summary: 'Kill the credentials of a user and mail a one-time link with which to set new ones.',
    callers: RESPONDERS,
    params,
    body: ignored,
    response: JumpServerUser,
  });

const passwordChange = (method: Either) =>
  defineRoute({
    method,
    path: '/api/v1/users/users/:id/password/',
    tag,
    summary: 'Set the password of a user.',
    callers: ADMINS,
    params,
    body: PasswordChange,
    response: JumpServerUser,
  });

const profileChange = (method: Either) =>
  defineRoute({
    method,
    path: '/api/v1/users/profile/',
    tag,
    summary: 'Change one’s own name.',
    callers: EVERYBODY,
    body: ProfileChange,
    response: JumpServerUser,
  });

export const DIALECT_USER_ROUTES = {
  listUsers: defineRoute({
    method: 'GET',
    path: '/api/v1/users/users/',
    tag,
    summary: 'Users. `username` compares whole; an unknown name gives an empty list.',
    callers: READERS,
    query: UserFilter,
    response: z.array(JumpServerUser),
  }),
  suggestUsers: defineRoute({
    method: 'GET',
    path: '/api/v1/users/users/suggestions/',
    tag,
    summary: 'Users, by id and names alone.',
    callers: READERS,
    query: UserFilter,
    response: z.array(MiniUser),
  }),
  changeUsers: defineRoute({
    method: 'PATCH',
    path: '/api/v1/users/users/',
    tag,
    summary: 'Change several users, one after the other.',
    callers: ADMINS,
    body: BulkUserChange,
    response: z.array(JumpServerUser),
  }),
  getUser: defineRoute({
    method: 'GET',
    path: '/api/v1/users/users/:id/',
    tag,
    summary: 'One user, by id or by user name.',
    callers: READERS,
    params,
    response: JumpServerUser,
  }),
  changeUser: defineRoute({
    method: 'PATCH',
    path: '/api/v1/users/users/:id/',
    tag,
    summary:
      'Change a user. `is_active: false` locks the user out and ends their sessions; `true` ends every lock on them.',
    callers: ADMINS,
    params,
    body: UserChange,
    response: JumpServerUser,
  }),
  replaceUser: defineRoute({
    method: 'PUT',
    path: '/api/v1/users/users/:id/',
    tag,
    summary: 'The same with the whole user: name, user name and mail address are needed.',
    callers: ADMINS,
    params,
    body: UserReplacement,
    response: JumpServerUser,
  }),
  resetPassword: passwordReset('PATCH'),
  replaceResetPassword: passwordReset('PUT'),
  changePassword: passwordChange('PATCH'),
  replacePassword: passwordChange('PUT'),
  resetMfa: defineRoute({
    method: 'GET',
    path: '/api/v1/users/users/:id/mfa/reset/',
    tag,
    summary:
      'Remove the second factor of a user. Not one’s own. A GET that changes something: header tokens only.',
    callers: ADMINS,
    params,
    response: z.object({ msg: z.literal('success') }),
  }),
  resetOwnMfa: defineRoute({
    method: 'GET',
    path: '/api/v1/users/profile/mfa/reset/',
    tag,
    summary: 'Always refused: nobody removes their own second factor.',
    callers: EVERYBODY,
    response: z.object({ msg: z.literal('success') }),
  }),
  unblockUser: defineRoute({
    method: 'PATCH',
    path: '/api/v1/users/users/:id/unblock/',
    tag,
    summary: 'Forget the failed logins under the name of a user.',
    callers: RESPONDERS,
    params,
    body: ignored,
    response: JumpServerUser,
  }),
  resetPublicKeys: defineRoute({
    method: 'PATCH',
    path: '/api/v1/users/users/:id/pubkey/reset/',
    tag,
    summary: 'Remove the public keys of a user.',
    callers: ADMINS,
    params,
    body: ignored,
    response: JumpServerUser,
  }),
  getProfile: defineRoute({
    method: 'GET',
    path: '/api/v1/users/profile/',
    tag,
    summary: 'The user whose credential this is.',
    callers: EVERYBODY,
    response: JumpServerUser,
  }),
  changeProfile: profileChange('PATCH'),
  replaceProfile: profileChange('PUT'),
  changeOwnPassword: {
    ...defineRoute({
      method: 'PUT',
      path: '/api/v1/users/profile/password/',
      tag,
      summary: 'Change one’s own password, knowing the old one.',
      callers: EVERYBODY,
      body: OwnPasswordChange,
      response: JumpServerUser,
    }),
    // Whoever guesses has to wait.
    otherAnswers: { 429: Failure },
  },
  listGroups: defineRoute({
    method: 'GET',
    path: '/api/v1/users/groups/',
    tag,
    summary: 'User groups.',
    callers: READERS,
    query: GroupFilter,
    response: z.array(JumpServerGroup),
  }),
} as const;
