import { enrolSecondFactor, ISSUER, newTotpSecret, renewRecoveryCodes } from '#identity/enrolment.ts';
import { enrolmentUri, secretForPeople } from '#identity/totp.ts';
import { LruMap } from '#lib/lru.ts';
import { Secret } from '#lib/secret.ts';
import { monotonicClock } from '#lib/time.ts';
import { show } from '../pages/show.ts';
import type { Services } from '../services.ts';
import { codesPage, enrolmentPage } from './account-views.ts';
import { inSession } from './signed-in.ts';
import type { OnSubmit } from './submission.ts';

/** Long enough to find the phone. */
const LIFETIME_MS = 10 * 60_000;
const MAX_OPEN = 1_000;
/** Wrong codes for one picture; the password is asked again after them. */
const MAX_TRIES = 5;

interface OpenEnrolment {
  readonly secret: Secret<Uint8Array>;
  readonly startedAtMs: number;
  tries: number;
}

/** Setting up an authenticator, and new recovery codes. Password, and code of an earlier authenticator, come first. */
export function addEnrolmentPages(services: Services, onSubmit: OnSubmit): void {
  /** By web session. The secret stays here until a code proves that the authenticator has it. */
  const open = new LruMap<string, OpenEnrolment>(MAX_OPEN);
  const offered = (secret: Secret<Uint8Array>, username: string) => ({
    uri: new Secret(enrolmentUri(secret, username, ISSUER)),
    secret: new Secret(secretForPeople(secret)),
  });

  onSubmit('/account/second-factor', async ({ reply, me, view, again, confirm }) => {
    if (!(await confirm())) return again('not_confirmed');
    const secret = newTotpSecret();
    open.set(me.session.id, { secret, startedAtMs: monotonicClock(), tries: 0 });
    return show(reply, 200, enrolmentPage(await view(), offered(secret, me.user.username)));
  });

  onSubmit('/account/second-factor/finish', async ({ reply, me, form, view, again }) => {
    const { user, address, session } = me;
    const begun = open.get(session.id);
    if (begun === undefined || monotonicClock() - begun.startedAtMs > LIFETIME_MS) return again('too_late');
    begun.tries += 1;
    if (begun.tries > MAX_TRIES) {
      open.delete(session.id);
      return again('too_late');
    }
    const { secret } = begun;
    const done = await inSession(services, me, async (tx, emit, now) => ({
      codes: await enrolSecondFactor(
        tx,
        emit,
        services.vault,
        {
          userId: user.id,
          username: user.username,
          by: user.username,
          address,
          secret,
          code: new Secret(form.code),
        },
        now,
      ),
    }));
    if (done === undefined) return reply.redirect('/sign-in', 303);
    if (done.codes === undefined)
      return show(reply, 400, enrolmentPage(await view(), offered(secret, user.username), 'code_wrong'));
    open.delete(session.id);
    return show(reply, 200, codesPage((await view()).language, done.codes));
  });

  onSubmit('/account/recovery-codes', async ({ reply, me, view, again, confirm }) => {
    if (!me.user.secondFactor.isEnrolled) return again('code_missing');
    if (!(await confirm())) return again('not_confirmed');
    const { user, address } = me;
    const codes = await inSession(services, me, (tx, emit, now) =>
      renewRecoveryCodes(tx, emit, { userId: user.id, username: user.username, address }, now),
    );
    if (codes === undefined) return reply.redirect('/sign-in', 303);
    return show(reply, 200, codesPage((await view()).language, codes));
  });
}
