import type { DIALECT_USER_ROUTES } from '#contract/jumpserver/user-routes.ts';
import type { JumpServerUser } from '#contract/jumpserver/user.ts';
import { removeSecondFactor } from '#identity/enrolment.ts';
import { keepAnAdministrator } from '#state/administrator-guard.ts';
import { replaceUserKeys } from '#state/user-writer.ts';
import { addressOf } from '../access/caller.ts';
import { auditor } from '../audit.ts';
import { setPassword } from '../handlers/users.ts';
import type { Services } from '../services.ts';
import { type DialectHandlers, DialectRefusal } from './handlers.ts';
import { oneself } from './oneself.ts';
import { ownPasswordChanger } from './own-password.ts';
import { changeProfile, changeUser } from './user-changes.ts';
import { findUser, listGroups, listUsers, showUser } from './user-views.ts';

type Handlers = DialectHandlers<typeof DIALECT_USER_ROUTES>;

export function userHandlers(services: Services): Handlers {
  const { state, clock } = services;
  const changeOwnPassword = ownPasswordChanger(services);

  // What is done by PATCH is done by PUT as well.
  const changeOwnProfile: Handlers['changeProfile'] = async ({ caller, body, manner }) => {
    const id = oneself(caller);
    await changeProfile(services, caller, await findUser(services, id), body);
    return showUser(services, id, manner);
  };
  const changePassword: Handlers['changePassword'] = async ({ caller, params, body, manner }) => {
    const user = await findUser(services, params.id);
    await setPassword(services, caller, user, body.password);
    return showUser(services, user.id, manner);
  };
  const resetPassword: Handlers['resetPassword'] = async ({ caller, params, manner }) => {
    const user = await findUser(services, params.id);
    await services.recovery.start(user.username, caller.name);
    services.policy.policyChanged();
    return showUser(services, user.id, manner);
  };

  return {
    listUsers: ({ query, manner }) => listUsers(services, query, manner),
    suggestUsers: async ({ query, manner }) =>
      (await listUsers(services, query, manner)).map(({ id, name, username }) => ({ id, name, username })),
    changeUsers: async ({ caller, body, manner }) => {
      // Who is not there is told before anybody is changed.
      for (const { id } of body) await findUser(services, id);
      const changed: JumpServerUser[] = [];
      for (const { id, ...change } of body)
        changed.push(await changeUser(services, caller, id, change, manner));
      return changed;
    },
    getUser: ({ params, manner }) => showUser(services, params.id, manner),
    changeUser: ({ caller, params, body, manner }) => changeUser(services, caller, params.id, body, manner),
    replaceUser: ({ caller, params, body, manner }) => changeUser(services, caller, params.id, body, manner),
    resetPassword,
    replaceResetPassword: resetPassword,
    changePassword,
    replacePassword: changePassword,
    resetMfa: async ({ caller, params }) => {
      const user = await findUser(services, params.id);
      if (user.id === caller.userId) throw notOneself();
      const about = { userId: user.id, username: user.username, by: caller.name, ...addressOf(caller) };
      // Nothing to remove is as good: whoever has none is asked to set one up where one is demanded.
      await state.transact((tx, emit) => removeSecondFactor(tx, emit, about, clock()));
      return { msg: 'success' };
    },
    resetOwnMfa: () => Promise.reject(notOneself()),
    unblockUser: async ({ caller, params, manner }) => {
      const user = await findUser(services, params.id);
      services.signIn.forgive(user);
      await state.transact(async (_tx, emit) => {
        auditor(emit, caller, clock()).updated('user', user.username, { fields: ['login_blocked'] });
      });
      return showUser(services, user.id, manner);
    },
    resetPublicKeys: async ({ caller, params, manner }) => {
      const user = await findUser(services, params.id);
      const now = clock();
      await state.transact(async (tx, emit) => {
        const removed = await keepAnAdministrator(tx, now, () => replaceUserKeys(tx, user.id, [], now));
        if (removed) auditor(emit, caller, now).updated('user', user.username, { fields: ['publicKeys'] });
      });
      return showUser(services, user.id, manner);
    },
    getProfile: ({ caller, manner }) => showUser(services, oneself(caller), manner),
    changeProfile: changeOwnProfile,
    replaceProfile: changeOwnProfile,
    changeOwnPassword: async ({ caller, body, manner }) => {
      await changeOwnPassword(caller, body);
      return showUser(services, oneself(caller), manner);
    },
    listGroups: ({ query, manner }) => listGroups(services, query, manner),
  };
}

/** Whoever took over a session or a token must not get rid of what stands in their way. */
function notOneself(): DialectRefusal {
  return new DialectRefusal({ error: 'Could not reset self otp, use profile reset instead' });
}
