import { nameKey } from '#contract/names.ts';
import type { Passwords } from '#identity/passwords.ts';
import { Secret } from '#lib/secret.ts';
import { readAppliedPassword } from '#state/applied-passwords.ts';
import type { StateReader } from '#state/state.ts';
import type { PreparedUser } from './prepare-document.ts';

/** What to do about one password of the document. */
export type PasswordPlan =
  /** Store this hash: it is new. */
  | { readonly set: string }
  /** Change nothing, and remember that this hash came from the document. */
  | { readonly keep: string };

/**
 * Hashing is slow on purpose, so it is done before the transaction that others would wait for. A password
 * that was applied before is kept out, even when it is not the password any more: what a person has changed, or a
 * recovery has killed, does not come back with the next run.
 *
 * @returns plans by user name key, for the users whose document gives a password.
 */
export async function planPasswords(
  db: StateReader,
  passwords: Passwords,
  users: readonly PreparedUser[],
): Promise<ReadonlyMap<string, PasswordPlan>> {
  const plans = new Map<string, PasswordPlan>();
  for (const { input } of users) {
    if (input.password === undefined) continue;
    const password = new Secret(input.password);
    const key = nameKey(input.username);
    const user = await db
      .selectFrom('users')
      .select(['id', 'passwordHash'])
      .where('usernameKey', '=', key)
      .executeTakeFirst();
    const reference =
      user === undefined ? null : ((await readAppliedPassword(db, user.id)) ?? user.passwordHash);
    const isSame = reference !== null && (await passwords.verify(password, reference));
    plans.set(key, isSame ? { keep: reference } : { set: await passwords.hash(password) });
  }
  return plans;
}
