import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { z } from 'zod';
import { PortcullisError } from '#contract/errors.ts';
import { Language, Role, type User, UserKind } from '#contract/resources/user.ts';
import { USER_ROUTES } from '#contract/routes/user-routes.ts';
import { defineCommand } from '../command.ts';
import { describeContainment } from '../output/containment.ts';
import { readPassword } from '../input/password.ts';
import { timeText } from '../output/times.ts';
import type { Column } from '../output/table.ts';

const Demand = z.enum(['required', 'optional']);
const username = { count: 'one', description: 'Name of the user.' } as const;

const columns: readonly Column<User>[] = [
  { title: 'USER', cell: (user) => user.username },
  { title: 'KIND', cell: (user) => user.kind },
  { title: 'STATE', cell: (user) => (user.isActive ? 'active' : 'locked') },
  { title: 'ROLES', cell: (user) => user.roles.join(',') },
  { title: 'GROUPS', cell: (user) => user.groups.join(',') },
  { title: 'MAIL', cell: (user) => user.email },
  { title: 'NAME', cell: (user) => user.name },
];

function describeUser(user: User): readonly string[] {
  return [
    `user      ${user.username} (${user.kind})`,
    `name      ${user.name === '' ? '-' : user.name}`,
    `mail      ${user.email ?? '-'}`,
    `state     ${user.isActive ? 'active' : 'locked'}`,
    `roles     ${user.roles.join(', ') || '-'}`,
    `groups    ${user.groups.join(', ') || '-'}`,
    `language  ${user.language}`,
    `password  ${user.hasPassword ? 'set' : 'none'}`,
    `factor    ${secondFactorText(user)}`,
    `created   ${timeText(user.createdAt)}`,
  ];
}

function secondFactorText({ secondFactor: { enrolled, required } }: User): string {
  if (enrolled) return required ? 'set up, demanded' : 'set up';
  return required ? 'demanded, not set up yet' : 'none';
}

/** A value that must be one of a few words. */
function oneOf<T>(schema: z.ZodType<T>, value: unknown, option: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new PortcullisError('E_USAGE', `${option}: ${issue?.message ?? 'is not known'}.`);
}

const userList = defineCommand({
  name: 'user list',
  summary: 'All users.',
  async run({ api, output }) {
    const { items } = await api.call(USER_ROUTES.listUsers);
    output.list(items, columns, 'There are no users.');
  },
});

const userShow = defineCommand({
  name: 'user show',
  summary: 'One user with public keys.',
  args: { username },
  async run({ api, args, output }) {
    const user = await api.call(USER_ROUTES.getUser, { params: args });
    const { items: keys } = await api.call(USER_ROUTES.listUserKeys, { params: args });
    output.show({ ...user, keys }, [
      ...describeUser(user),
      ...keys.map(
        (key) => `key       ${key.fingerprint} ${key.algorithm}${key.suspended ? ' (suspended)' : ''}`,
      ),
    ]);
  },
});

const userAdd = defineCommand({
  name: 'user add',
  summary: 'Create a user.',
  args: { username },
  options: {
    name: { kind: 'text', description: 'Full name.' },
    email: { kind: 'text', value: 'ADDRESS', description: 'Mail address; recovery needs it.' },
    role: {
      kind: 'list',
      value: 'ROLE',
      description: 'admin, responder, auditor or user; may be repeated. [user]',
    },
    kind: {
      kind: 'text',
      value: 'KIND',
      description: 'person or service (automation with a token). [person]',
    },
    language: { kind: 'text', value: 'LANG', description: 'en or zh. [en]' },
    passwordFile: {
      kind: 'text',
      value: 'FILE',
      description: 'File with the password; without it the user has none.',
    },
    publicKeyFile: { kind: 'list', value: 'FILE', description: 'A .pub file; may be repeated.' },
  },
  async run({ api, args, options, io, output }) {
    const { name, email, role, kind, language, passwordFile, publicKeyFile } = options;
    const password = passwordFile === undefined ? undefined : await readPassword(passwordFile, io, '');
    const user = await api.call(USER_ROUTES.createUser, {
      body: {
        username: args.username,
        ...(name === undefined ? {} : { name }),
        ...(email === undefined ? {} : { email }),
        ...(role.length === 0 ? {} : { roles: role.map((one) => oneOf(Role, one, '--role')) }),
        ...(kind === undefined ? {} : { kind: oneOf(UserKind, kind, '--kind') }),
        ...(language === undefined ? {} : { language: oneOf(Language, language, '--language') }),
        ...(password === undefined ? {} : { password: password.expose() }),
        ...(publicKeyFile.length === 0
          ? {}
          : { publicKeys: publicKeyFile.map((file) => readFileSync(resolve(io.cwd, file), 'utf8').trim()) }),
      },
    });
    output.show(user, describeUser(user));
  },
});

const userChange = defineCommand({
  name: 'user change',
  summary: 'Change name, mail address, roles or language of a user, or demand a second factor.',
  args: { username },
  options: {
    name: { kind: 'text', description: 'Full name.' },
    email: { kind: 'text', value: 'ADDRESS', description: 'Mail address; an empty one removes it.' },
    role: { kind: 'list', value: 'ROLE', description: 'All roles the user is to have; may be repeated.' },
    language: { kind: 'text', value: 'LANG', description: 'en or zh.' },
    secondFactor: {
      kind: 'text',
      value: 'DEMAND',
      description: 'required or optional: whether the user must have a second factor.',
    },
  },
  async run({ api, args, options, output }) {
    const { name, email, role, language, secondFactor } = options;
    const user = await api.call(USER_ROUTES.updateUser, {
      params: args,
      body: {
        ...(name === undefined ? {} : { name }),
        ...(email === undefined ? {} : { email: email === '' ? null : email }),
        ...(role.length === 0 ? {} : { roles: role.map((one) => oneOf(Role, one, '--role')) }),
        ...(language === undefined ? {} : { language: oneOf(Language, language, '--language') }),
        ...(secondFactor === undefined
          ? {}
          : { secondFactor: oneOf(Demand, secondFactor, '--second-factor') === 'required' }),
      },
    });
    output.show(user, describeUser(user));
  },
});

const userSetPassword = defineCommand({
  name: 'user set-password',
  summary: 'Set the password of a user.',
  args: { username },
  options: {
    passwordFile: {
      kind: 'text',
      value: 'FILE',
      description: 'File with the password; else it is asked for.',
    },
  },
  async run({ api, args, options, io, output }) {
    const password = await readPassword(options.passwordFile, io, `New password of ${args.username}`);
    await api.call(USER_ROUTES.setUserPassword, { params: args, body: { password: password.expose() } });
    output.show({ username: args.username, changed: true }, [`The password of ${args.username} is set.`]);
  },
});

const userRemoveSecondFactor = defineCommand({
  name: 'user remove-second-factor',
  summary: 'Remove the authenticator and the recovery codes of a user who lost both.',
  args: { username },
  async run({ api, args, output }) {
    await api.call(USER_ROUTES.removeSecondFactor, { params: args });
    output.show({ username: args.username, removed: true }, [
      `The second factor of ${args.username} is removed. When their password may be in wrong hands as well, use recover.`,
    ]);
  },
});

const userDelete = defineCommand({
  name: 'user delete',
  summary: 'Delete a user and end their sessions. Events and recordings stay.',
  args: { username },
  async run({ api, args, output }) {
    await api.call(USER_ROUTES.deleteUser, { params: args });
    output.show({ username: args.username, deleted: true }, [`${args.username} is deleted.`]);
  },
});

const userLock = defineCommand({
  name: 'user lock',
  summary: 'Lock a user out and end their sessions.',
  args: { username },
  options: { reason: { kind: 'text', default: '', description: 'Why; it goes to the audit trail.' } },
  async run({ api, args, options, output }) {
    const { lock, containment } = await api.call(USER_ROUTES.lockUser, {
      params: args,
      body: { reason: options.reason },
    });
    return describeContainment(containment, output, [`${args.username} is locked (lock ${lock.id}).`], {
      lock,
      containment,
    });
  },
});

const userUnlock = defineCommand({
  name: 'user unlock',
  summary: 'End every lock on a user. Credentials stay as they are; see also recover.',
  args: { username },
  options: { reason: { kind: 'text', default: '', description: 'Why; it goes to the audit trail.' } },
  async run({ api, args, options, output }) {
    const { items } = await api.call(USER_ROUTES.unlockUser, {
      params: args,
      body: { reason: options.reason },
    });
    output.show({ username: args.username, ended: items }, [
      items.length === 0 ? `${args.username} was not locked.` : `${args.username} is unlocked.`,
    ]);
  },
});

export const userCommands = [
  userList,
  userShow,
  userAdd,
  userChange,
  userSetPassword,
  userRemoveSecondFactor,
  userDelete,
  userLock,
  userUnlock,
];
