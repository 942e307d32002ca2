import type { StateReader, StateTransaction } from './state.ts';

/**
 * The hash of the password that `apply` set last for a user. Applying the same document again finds it and
 * changes nothing: neither a password the person has chosen since, nor one that a recovery has killed.
 */
const keyOf = (userId: string): string => `applied-password.${userId}`;

export async function readAppliedPassword(db: StateReader, userId: string): Promise<string | undefined> {
  const row = await db
    .selectFrom('settings')
    .select('value')
    .where('key', '=', keyOf(userId))
    .executeTakeFirst();
  return row?.value;
}

export async function rememberAppliedPassword(
  tx: StateTransaction,
  userId: string,
  hash: string,
): Promise<void> {
  await tx
    .insertInto('settings')
    .values({ key: keyOf(userId), value: hash })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ value: hash }))
    .execute();
}

export async function forgetAppliedPassword(tx: StateTransaction, userId: string): Promise<void> {
  await tx.deleteFrom('settings').where('key', '=', keyOf(userId)).execute();
}
