import { defineRoute } from '../routes/route.ts';
import type { RouteWithAnswers } from './refusals.ts';
import { ChallengeAnswer, ChallengePassed, CodeNeeded, Refusal, SignedIn, SignInRequest } from './sign-in.ts';

const tag = 'authentication';

const signIn = (path: string): RouteWithAnswers => ({
  ...defineRoute({
    method: 'POST',
    path,
    tag,
    summary:
      'Sign in with a password, for a bearer token of a day. 200 asks for a code first: then once more with the cookie.',
    callers: 'anybody',
    body: SignInRequest,
    response: SignedIn,
    status: 201,
    maxBodyBytes: 16 * 1024,
  }),
  otherAnswers: { 200: CodeNeeded, 400: Refusal },
});

const answerChallenge = (path: string): RouteWithAnswers => ({
  ...defineRoute({
    method: 'POST',
    path,
    tag,
    summary: 'Give the code that a sign-in asked for, with its cookie.',
    callers: 'anybody',
    body: ChallengeAnswer,
    response: ChallengePassed,
    maxBodyBytes: 16 * 1024,
  }),
  otherAnswers: { 400: Refusal, 401: Refusal },
});

/** Both kinds have two names. */
export const DIALECT_SIGN_IN_ROUTES = {
  signIn: signIn('/api/v1/authentication/auth/'),
  signInForToken: signIn('/api/v1/authentication/tokens/'),
  answerChallenge: answerChallenge('/api/v1/authentication/mfa/challenge/'),
  verifyCode: answerChallenge('/api/v1/authentication/mfa/verify/'),
} as const;
