import { z } from 'zod';
import { PortcullisError } from '#contract/errors.ts';
import { nameKey } from '#contract/names.ts';
import type { Language } from '#contract/resources/user.ts';
import { hashSecret, issueLinkSecret, sameHash } from '#identity/tokens.ts';
import { newId } from '#lib/ids.ts';
import type { Secret } from '#lib/secret.ts';
import type { StateReader, StateTransaction } from '#state/state.ts';
import { insertUser } from '#state/user-writer.ts';
import { auditor } from '../audit.ts';
import type { Services } from '../services.ts';

/** Long enough to read a log and walk to a browser; a restart gives a new link. */
const SETUP_LIFETIME_MS = 24 * 3_600_000;
const SETTING = 'setup-link';
const StoredLink = z.object({ hash: z.string(), expiresAt: z.number() });

type SetupServices = Pick<Services, 'state' | 'passwords' | 'policy' | 'clock'>;

/**
 * Makes the one-time link with which the first administrator is created, for the start-up message. Null when
 * there is an administrator. Any earlier link stops working.
 */
export async function issueSetupLink({
  state,
  clock,
}: Pick<Services, 'state' | 'clock'>): Promise<Secret | null> {
  const { secret, hash } = issueLinkSecret();
  const value = JSON.stringify({ hash, expiresAt: clock() + SETUP_LIFETIME_MS });
  return state.transact(async (tx) => {
    if (await hasAdministrator(tx)) {
      await tx.deleteFrom('settings').where('key', '=', SETTING).execute();
      return null;
    }
    await tx
      .insertInto('settings')
      .values({ key: SETTING, value })
      .onConflict((conflict) => conflict.column('key').doUpdateSet({ value }))
      .execute();
    return secret;
  });
}

/** Whether the link would work now. Changes nothing. */
export async function isSetupOpen(
  services: Pick<Services, 'state' | 'clock'>,
  link: Secret,
): Promise<boolean> {
  return isOpen(services.state.reader, link, services.clock());
}

export interface FirstAdministrator {
  readonly username: string;
  readonly name: string;
  readonly email: string | null;
  readonly language: Language;
  readonly password: Secret;
}

/**
 * Creates the administrator and uses up the link, both or neither. Returns false when the name is taken.
 *
 * @throws PortcullisError E_LINK_INVALID
 */
export async function completeSetup(
  services: SetupServices,
  link: Secret,
  person: FirstAdministrator,
  address: string,
): Promise<boolean> {
  const passwordHash = await services.passwords.hash(person.password);
  const created = await services.state.transact(async (tx, emit) => {
    const now = services.clock();
    if (!(await isOpen(tx, link, now)))
      throw new PortcullisError('E_LINK_INVALID', 'This link does not work any more.');
    const taken = await tx
      .selectFrom('users')
      .select('id')
      .where('usernameKey', '=', nameKey(person.username))
      .executeTakeFirst();
    if (taken !== undefined) return false;
    const { username, name, email, language } = person;
    await insertUser(
      tx,
      {
        id: newId(now),
        username,
        name,
        email,
        language,
        kind: 'person',
        roles: ['admin', 'user'],
        passwordHash,
      },
      now,
    );
    await tx.deleteFrom('settings').where('key', '=', SETTING).execute();
    auditor(emit, { name: 'setup', address }, now).created('user', username, { roles: ['admin', 'user'] });
    return true;
  });
  services.policy.policyChanged();
  return created;
}

async function isOpen(db: StateReader, link: Secret, now: number): Promise<boolean> {
  const row = await db.selectFrom('settings').select('value').where('key', '=', SETTING).executeTakeFirst();
  if (row === undefined) return false;
  const stored = StoredLink.parse(JSON.parse(row.value));
  if (!sameHash(stored.hash, hashSecret(link.expose())) || stored.expiresAt <= now) return false;
  return !(await hasAdministrator(db));
}

async function hasAdministrator(db: StateReader | StateTransaction): Promise<boolean> {
  const row = await db
    .selectFrom('users')
    .select('id')
    .where('roles', 'like', '%"admin"%')
    .executeTakeFirst();
  return row !== undefined;
}
