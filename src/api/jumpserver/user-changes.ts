import type { Manner } from '#contract/jumpserver/manner.ts';
import { type JumpServerUser, unchangeable, type UserChange } from '#contract/jumpserver/user.ts';
import { PortcullisError } from '#contract/errors.ts';
import type { User } from '#contract/resources/user.ts';
import { updateUser } from '#state/user-writer.ts';
import { addLockKeepingAnAdministrator } from '../access/add-lock.ts';
import type { Caller } from '../access/caller.ts';
import { endLocks, locksOnUser } from '../access/end-locks.ts';
import { auditor } from '../audit.ts';
import { refusePoorPassword, setPassword } from '../handlers/users.ts';
import type { Services } from '../services.ts';
import { findUser, showUser } from './user-views.ts';

const REASON = 'is_active was set to false over the JumpServer API';
const END_REASON = 'is_active was set to true over the JumpServer API';

/** Makes the change and shows the user as they are then. Throws E_NOT_FOUND, E_INPUT, E_LAST_ADMIN. */
export async function changeUser(
  services: Services,
  caller: Caller,
  idOrName: string,
  change: UserChange,
  manner: Manner,
): Promise<JumpServerUser> {
  const user = await findUser(services, idOrName);
  const problems = unchangeable(await showUser(services, user.id, manner), change);
  if (problems.length > 0) throw new PortcullisError('E_INPUT', 'This cannot be changed here.', { problems });
  if (change.password !== undefined) refusePoorPassword(change.password, user.username);

  await changeProfile(services, caller, user, change);
  if (change.password !== undefined) await setPassword(services, caller, user, change.password);
  // Nobody shuts themselves out, or lets themselves in again: the field is passed over.
  if (user.id !== caller.userId && change.is_active !== undefined)
    await (change.is_active ? activate : deactivate)(services, caller, user);
  return showUser(services, user.id, manner);
}

/**
 * What JumpServer knows as an inactive user is a lock here: sessions end at once and nobody comes in under the
 * name. Each administrator holds a lock of their own, so one who asks twice has one, and a lock that detection
 * added, and that ends with its offense, does not stand in for what a person ordered.
 */
async function deactivate(services: Services, caller: Caller, user: User): Promise<void> {
  const held = (await locksOnUser(services, user.username)).some(
    (lock) => lock.mode === 'cut' && lock.owner === caller.name && lock.expiresAt === null,
  );
  if (held) return;
  await addLockKeepingAnAdministrator(services, caller, {
    targetKind: 'user',
    target: user.username,
    mode: 'cut',
    reason: REASON,
    expiresAt: null,
  });
}

/** Ends every lock on the user, and with the last one the episode that it contained. Credentials stay as they are. */
async function activate(services: Services, caller: Caller, user: User): Promise<void> {
  await endLocks(services, caller, await locksOnUser(services, user.username), END_REASON);
}

/** Name, mail address, whether a second factor is demanded; nothing is written when all stay. */
export async function changeProfile(
  { state, clock, policy }: Services,
  caller: Caller,
  user: User,
  change: Pick<UserChange, 'name' | 'email' | 'mfa_level'>,
): Promise<void> {
  const shownName = user.name === '' ? user.username : user.name;
  const changes = {
    ...(change.name === undefined || change.name === shownName ? {} : { name: change.name }),
    ...(change.email === undefined || change.email === (user.email ?? '')
      ? {}
      : { email: change.email === '' ? null : change.email }),
    ...(change.mfa_level === undefined || (change.mfa_level === 2) === user.secondFactor.required
      ? {}
      : { secondFactor: change.mfa_level === 2 }),
  };
  const fields = Object.keys(changes);
  if (fields.length === 0) return;
  const now = clock();
  await state.transact(async (tx, emit) => {
    await updateUser(tx, user.id, changes, now);
    auditor(emit, caller, now).updated('user', user.username, { fields });
  });
  policy.policyChanged();
}
