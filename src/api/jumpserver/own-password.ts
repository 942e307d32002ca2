import type { z } from 'zod';
import { PortcullisError, type Problem } from '#contract/errors.ts';
import type { OwnPasswordChange } from '#contract/jumpserver/user.ts';
import { BackOff } from '#identity/back-off.ts';
import { Secret } from '#lib/secret.ts';
import { monotonicClock, type MonotonicClock } from '#lib/time.ts';
import type { Caller } from '../access/caller.ts';
import { refusePoorPassword, setPassword } from '../handlers/users.ts';
import { notFound } from '../http/error-answers.ts';
import type { Services } from '../services.ts';

/** Whoever holds a token but not the password must not find the password with it. */
const GUESSES = {
  freeTries: 5,
  firstPauseMs: 1_000,
  longestPauseMs: 60_000,
  forgetAfterMs: 30 * 60_000,
};

/** Sets the caller's own password. Throws E_INPUT, E_RATE_LIMITED. */
export function ownPasswordChanger(
  services: Services,
  monotonic: MonotonicClock = monotonicClock,
): (caller: Caller, body: z.infer<typeof OwnPasswordChange>) => Promise<void> {
  const guesses = new BackOff(GUESSES, 10_000);
  return async (caller, { old_password, new_password, new_password_again }) => {
    const user = caller.userId === null ? undefined : await services.users.findById(caller.userId);
    if (user === undefined) throw notFound();
    if (new_password !== new_password_again)
      throw refused({ path: 'new_password_again', message: 'The two passwords are not the same.' });
    refuseAs('new_password', () => refusePoorPassword(new_password, user.username));
    const waitMs = guesses.waitMs(user.id, monotonic());
    if (waitMs > 0) {
      const retryAfterSeconds = Math.ceil(waitMs / 1000);
      throw new PortcullisError(
        'E_RATE_LIMITED',
        `Too many wrong passwords. Wait ${retryAfterSeconds} seconds.`,
        {
          cause: { retryAfterSeconds },
        },
      );
    }
    guesses.charge(user.id, monotonic());
    if (!(await services.passwords.verify(new Secret(old_password), user.passwordHash)))
      throw refused({ path: 'old_password', message: 'The old password is wrong.' });
    guesses.clear(user.id);
    await setPassword(services, caller, user, new_password, { replacing: user.passwordHash });
  };
}

function refused(problem: Problem): PortcullisError {
  return new PortcullisError('E_INPUT', 'The password is not changed.', { problems: [problem] });
}

/** A refusal that names the field as the caller called it. */
function refuseAs(path: string, check: () => void): void {
  try {
    check();
  } catch (error) {
    if (!(error instanceof PortcullisError)) throw error;
    throw refused({ path, message: error.problems.map(({ message }) => message).join('; ') });
  }
}
