import { grantsOf } from '#domain/access/grants.ts';
import { ISSUER } from '#identity/enrolment.ts';
import { pageTotpSecret } from '#identity/enrolment-key.ts';
import { enrolmentUri, secretForPeople } from '#identity/totp.ts';
import { Secret } from '#lib/secret.ts';
import { readGrants } from '#state/policy-reader.ts';
import type { StateReader } from '#state/state.ts';
import { UserReader } from '#state/user-reader.ts';
import type { RecoveryOptions } from './recovery-options.ts';

/** The authenticator that the page behind a link offers to set up. */
export interface LinkEnrolment {
  /** Without it access does not come back. */
  readonly isDemanded: boolean;
  /** For the QR code. */
  readonly uri: Secret;
  /** In groups, for people who type it. */
  readonly secret: Secret;
}

export async function findLinkEnrolment(
  db: StateReader,
  link: Secret,
  recoveryId: string,
  user: { readonly id: string; readonly username: string },
  { state, vault }: Pick<RecoveryOptions, 'state' | 'vault'>,
): Promise<LinkEnrolment> {
  const [secret, isDemanded] = await Promise.all([
    pageTotpSecret(state, vault, link),
    isSecondFactorDemanded(db, recoveryId, user.id),
  ]);
  return {
    isDemanded,
    uri: new Secret(enrolmentUri(secret, user.username, ISSUER)),
    secret: new Secret(secretForPeople(secret)),
  };
}

/** Of whoever had one before, and where the user, a group or a grant of theirs demands one. */
export async function isSecondFactorDemanded(
  db: StateReader,
  recoveryId: string,
  userId: string,
): Promise<boolean> {
  const [recovery, user, grants] = await Promise.all([
    db.selectFrom('recoveries').select('hadSecondFactor').where('id', '=', recoveryId).executeTakeFirst(),
    new UserReader(db).findById(userId),
    readGrants(db),
  ]);
  if (user === undefined || recovery === undefined) return true;
  return (
    recovery.hadSecondFactor !== 0 ||
    user.secondFactor.isRequired ||
    grantsOf(grants, user.username, user.groups).some((grant) => grant.secondFactor)
  );
}
