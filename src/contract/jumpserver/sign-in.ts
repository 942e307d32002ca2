import { z } from 'zod';
import { JumpServerUser } from './user.ts';

/** What signs in; more fields, such as a public key, are passed over. */
export const SignInRequest = z.object({
  username: z.string().max(256),
  password: z.string().max(1024),
});

/** The code that answers a challenge. `type` is always `otp`. */
export const ChallengeAnswer = z.object({
  type: z.string().max(32).default('otp'),
  code: z.coerce.string().max(64),
});

/** `user` is the profile. */
export const SignedIn = z.object({
  token: z.string(),
  keyword: z.literal('Bearer'),
  date_expired: z.string(),
  user: JumpServerUser,
});

export const CodeNeeded = z.object({
  error: z.literal('mfa_required'),
  msg: z.string(),
  data: z.object({ choices: z.array(z.string()), url: z.string() }),
});

export const ChallengePassed = z.object({ msg: z.literal('ok') });
export const Refusal = z.object({ error: z.string(), msg: z.string() });

/** Answers of the sign-in as documented. */
export const SIGN_IN_REFUSED = {
  error: 'password_failed',
  msg: 'The user name or the password is wrong, or the account may not sign in now.',
} as const;

export const CODE_REFUSED = {
  error: 'mfa_failed',
  msg: 'The user name, the password or the code is wrong, or the account may not sign in now.',
} as const;

export const CODE_NEEDED = {
  error: 'mfa_required',
  msg: 'MFA required',
  data: { choices: ['otp'], url: '/api/v1/authentication/mfa/challenge/' },
} as const;

export const NO_CHALLENGE = {
  error: 'session_empty',
  msg: 'There is no sign-in to which this code belongs. Begin again.',
} as const;

/** A second factor is demanded of somebody who has none yet. */
export const CODE_UNSET = {
  error: 'mfa_unset',
  msg: 'A second factor is demanded. Log in with a terminal (ssh) to set one up.',
} as const;
