import type { LoginAddressRow } from './schema.ts';
import type { StateReader, StateTransaction } from './state.ts';

/** Somebody has logged in from an address. */
export interface LoginFrom {
  /** The block that the address belongs to: see `addressBlock`. */
  readonly address: string;
  /** `realm:name`. */
  readonly person: string;
  /** When. Epoch milliseconds. */
  readonly timeMs: number;
}

/** Addresses are forgotten when nobody logged in from there for this long. */
export const LOGINS_REMEMBERED_MS = 30 * 86_400_000;
/** Of one person; whoever moves about more is known by the newest. */
export const ADDRESSES_PER_PERSON = 1_000;

/** Remembers logins, some hundreds at most. The same login remembered again changes nothing. */
export async function rememberLogins(tx: StateTransaction, logins: readonly LoginFrom[]): Promise<void> {
  const rows = new Map<string, LoginAddressRow>();
  for (const { address, person, timeMs } of logins) {
    const key = `${address} ${person}`;
    const { firstAt, lastAt } = rows.get(key) ?? { firstAt: timeMs, lastAt: timeMs };
    const times = { firstAt: Math.min(firstAt, timeMs), lastAt: Math.max(lastAt, timeMs) };
    rows.set(key, { address, person, ...times });
  }
  if (rows.size === 0) return;
  await tx
    .insertInto('login_addresses')
    .values([...rows.values()])
    .onConflict((conflict) =>
      conflict
        .columns(['address', 'person'])
        .doUpdateSet((eb) => ({ lastAt: eb.ref('excluded.lastAt') }))
        .whereRef('excluded.lastAt', '>', 'login_addresses.lastAt'),
    )
    .execute();
}

/**
 * Who is at home at an address: has logged in from there lately, and for the first time before `beforeMs`. At most
 * `limit` of them.
 */
export async function peopleAt(
  db: StateReader,
  address: string,
  when: { readonly beforeMs: number; readonly nowMs: number },
  limit: number,
): Promise<readonly string[]> {
  const rows = await db
    .selectFrom('login_addresses')
    .select('person')
    .where('address', '=', address)
    .where('firstAt', '<', when.beforeMs)
    .where('lastAt', '>', when.nowMs - LOGINS_REMEMBERED_MS)
    .orderBy('person')
    .limit(limit)
    .execute();
  return rows.map((row) => row.person);
}

/** Forgets what is old, and of each person what is too much. */
export async function forgetLogins(
  tx: StateTransaction,
  nowMs: number,
  perPerson = ADDRESSES_PER_PERSON,
): Promise<void> {
  await tx
    .deleteFrom('login_addresses')
    .where('lastAt', '<', nowMs - LOGINS_REMEMBERED_MS)
    .execute();
  const restless = await tx
    .selectFrom('login_addresses')
    .select('person')
    .groupBy('person')
    .having((eb) => eb.fn.countAll<number | string>(), '>', perPerson)
    .execute();
  for (const { person } of restless) {
    const border = await tx
      .selectFrom('login_addresses')
      .select('lastAt')
      .where('person', '=', person)
      .orderBy('lastAt', 'desc')
      .offset(perPerson)
      .limit(1)
      .executeTakeFirst();
    if (border === undefined) continue;
    await tx
      .deleteFrom('login_addresses')
      .where('person', '=', person)
      .where('lastAt', '<=', border.lastAt)
      .execute();
  }
}
