import { newId } from '#lib/ids.ts';
import type { StateTransaction } from '#state/state.ts';
import { insertUser, type NewUser } from '#state/user-writer.ts';

/** Creates a person with the role `user` and nothing else, unless said; gives the id. */
export async function addUser(
  tx: StateTransaction,
  given: Partial<NewUser> & Pick<NewUser, 'username'>,
  now: number,
): Promise<string> {
  const user: NewUser = {
    id: newId(),
    name: '',
    email: null,
    kind: 'person',
    roles: ['user'],
    language: 'en',
    passwordHash: null,
    ...given,
  };
  await insertUser(tx, user, now);
  return user.id;
}
