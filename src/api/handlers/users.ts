import { PortcullisError } from '#contract/errors.ts';
import { nameKey } from '#contract/names.ts';
import type { USER_ROUTES } from '#contract/routes/user-routes.ts';
import type { User } from '#contract/resources/user.ts';
import { removeSecondFactor } from '#identity/enrolment.ts';
import { PASSWORD_PROBLEMS, passwordProblem } from '#identity/password-rules.ts';
import { Secret } from '#lib/secret.ts';
import { keepAnAdministrator } from '#state/administrator-guard.ts';
import type { UserRow } from '#state/schema.ts';
import { readUserKeyViews, readUserViews } from '#state/user-view-reader.ts';
import { deleteUser, replaceUserKeys, setPasswordHash, updateUser } from '#state/user-writer.ts';
import { addressOf, isReader, type Caller } from '../access/caller.ts';
import { addLockKeepingAnAdministrator } from '../access/add-lock.ts';
import { endLocks, locksOnUser } from '../access/end-locks.ts';
import { applyDocument } from '../apply/apply-document.ts';
import { readPublicKeys } from '../apply/read-keys.ts';
import { auditor } from '../audit.ts';
import { notFound } from '../http/error-answers.ts';
import type { Handlers } from '../http/register-routes.ts';
import type { Services } from '../services.ts';

export function userHandlers(services: Services): Handlers<typeof USER_ROUTES> {
  const { state, clock, policy } = services;

  const view = async (username: string): Promise<User> => {
    const [user] = await readUserViews(state.reader, clock(), username);
    if (user === undefined) throw notFound();
    return user;
  };
  /** Somebody else's name answers like one that does not exist. */
  const visible = (caller: Caller, username: string): string => {
    if (isReader(caller) || nameKey(caller.name) === nameKey(username)) return username;
    throw notFound();
  };
  const row = async (username: string): Promise<UserRow> => {
    const found = await state.reader
      .selectFrom('users')
      .selectAll()
      .where('usernameKey', '=', nameKey(username))
      .executeTakeFirst();
    if (found === undefined) throw notFound();
    return found;
  };

  return {
    getMe: async ({ caller }) => ({
      username: caller.name,
      roles: [...caller.roles],
      user: caller.userId === null ? null : await view(caller.name),
    }),
    listUsers: async () => ({ items: [...(await readUserViews(state.reader, clock()))] }),
    getUser: ({ caller, params }) => view(visible(caller, params.username)),
    createUser: async ({ caller, body }) => {
      await applyDocument(services, { users: [body] }, caller, { mustCreate: true });
      return view(body.username);
    },
    updateUser: async ({ caller, params, body }) => {
      const user = await row(params.username);
      const now = clock();
      const { name, email, roles, language, secondFactor } = body;
      await state.transact(async (tx, emit) => {
        await keepAnAdministrator(tx, now, () =>
          updateUser(
            tx,
            user.id,
            {
              ...(name === undefined ? {} : { name }),
              ...(email === undefined ? {} : { email }),
              ...(roles === undefined ? {} : { roles }),
              ...(language === undefined ? {} : { language }),
              ...(secondFactor === undefined ? {} : { secondFactor }),
            },
            now,
          ),
        );
        auditor(emit, caller, now).updated('user', user.username, { fields: Object.keys(body) });
      });
      policy.policyChanged();
      return view(params.username);
    },
    deleteUser: async ({ caller, params }) => {
      const user = await row(params.username);
      const now = clock();
      await state.transact(async (tx, emit) => {
        await keepAnAdministrator(tx, now, () => deleteUser(tx, user.id));
        auditor(emit, caller, now).deleted('user', user.username);
      });
      policy.policyChanged();
      await services.control.terminate({
        username: user.username,
        by: caller.name,
        reason: 'the user was deleted',
      });
      return undefined;
    },
    setUserPassword: async ({ caller, params, body }) => {
      const user = await row(params.username);
      await setPassword(services, caller, user, body.password);
      return undefined;
    },
    removeSecondFactor: async ({ caller, params }) => {
      const user = await row(params.username);
      // Whoever took over a session or a token must not get rid of what stands in their way.
      if (caller.userId === user.id)
        throw new PortcullisError(
          'E_CONFLICT',
          'Nobody removes their own second factor this way. Log in and set up another, or ask another administrator.',
        );
      const now = clock();
      const about = { userId: user.id, username: user.username, by: caller.name, ...addressOf(caller) };
      if (!(await state.transact((tx, emit) => removeSecondFactor(tx, emit, about, now)))) throw notFound();
      return undefined;
    },
    listUserKeys: async ({ caller, params }) => ({
      items: await readUserKeyViews(state.reader, (await row(visible(caller, params.username))).id),
    }),
    setUserKeys: async ({ caller, params, body }) => {
      const user = await row(params.username);
      const { keys, problems } = readPublicKeys(body.publicKeys, 'publicKeys');
      if (problems.length > 0)
        throw new PortcullisError('E_INPUT', 'These keys are not accepted.', { problems });
      const now = clock();
      await state.transact(async (tx, emit) => {
        if (await replaceUserKeys(tx, user.id, keys, now))
          auditor(emit, caller, now).updated('user', user.username, { fields: ['publicKeys'] });
      });
      return { items: await readUserKeyViews(state.reader, user.id) };
    },
    lockUser: async ({ caller, params, body }) => {
      const user = await row(params.username);
      return addLockKeepingAnAdministrator(services, caller, {
        targetKind: 'user',
        target: user.username,
        mode: 'cut',
        reason: body.reason,
        expiresAt: body.expiresAt,
      });
    },
    unlockUser: async ({ caller, params, body }) => {
      const user = await row(params.username);
      const held = await locksOnUser(services, user.username);
      return { items: await endLocks(services, caller, held, body.reason) };
    },
    startRecovery: async ({ caller, params }) => {
      const user = await row(params.username);
      const recovery = await services.recovery.start(user.username, caller.name);
      policy.policyChanged();
      return recovery;
    },
    cancelRecovery: async ({ caller, params }) => {
      const user = await row(params.username);
      const current = await services.recovery.latest(user.username);
      if (current === undefined) throw notFound();
      if (!(await services.recovery.cancel(current.id, caller.name)))
        throw new PortcullisError(
          'E_CONFLICT',
          `The recovery of ${user.username} is ${current.state} already.`,
        );
      return (await services.recovery.latest(user.username)) ?? current;
    },
    resumeRecovery: async ({ params }) => {
      const recovery = await services.recovery.resume((await row(params.username)).username);
      if (recovery === undefined) throw notFound();
      return recovery;
    },
    approveRecovery: async ({ caller, params }) =>
      services.recovery.approve((await row(params.username)).username, caller.name),
    getRecovery: async ({ params }) => {
      const recovery = await services.recovery.latest((await row(params.username)).username);
      if (recovery === undefined) throw notFound();
      return recovery;
    },
  };
}

/**
 * Sets the password that somebody chose. Throws E_INPUT when it is a poor one, and E_CONFLICT when it was to replace
 * the one of `replacing` and that one has died meanwhile: a recovery is not undone by whoever began a moment before.
 */
export async function setPassword(
  { state, passwords, clock }: Pick<Services, 'state' | 'passwords' | 'clock'>,
  caller: Caller,
  user: { readonly id: string; readonly username: string },
  password: string,
  { replacing }: { readonly replacing?: string | null } = {},
): Promise<void> {
  refusePoorPassword(password, user.username);
  const hash = await passwords.hash(new Secret(password));
  const now = clock();
  await state.transact(async (tx, emit) => {
    const row = await tx
      .selectFrom('users')
      .select('passwordHash')
      .where('id', '=', user.id)
      .executeTakeFirst();
    if (row === undefined || (replacing !== undefined && row.passwordHash !== replacing))
      throw new PortcullisError('E_CONFLICT', 'The password was changed meanwhile. Log in again.');
    await setPasswordHash(tx, user.id, hash, now);
    auditor(emit, caller, now).passwordChanged(user.username);
  });
}

/** Throws E_INPUT. */
export function refusePoorPassword(password: string, username: string): void {
  const problem = passwordProblem(password, username);
  if (problem === undefined) return;
  throw new PortcullisError('E_INPUT', 'The password is not accepted.', {
    problems: [{ path: 'password', message: PASSWORD_PROBLEMS[problem] }],
  });
}
