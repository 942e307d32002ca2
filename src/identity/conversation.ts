import { Secret } from '#lib/secret.ts';
import type { Authenticator } from './authenticator.ts';
import type { Identity, LoginAttempt, LoginDecision } from './login-attempt.ts';

export interface Prompt {
  readonly text: string;
  readonly echo: boolean;
}

/** Questions and answers that end in a decision. The answers to one yield come in the order of its prompts. */
export type Conversation = AsyncGenerator<readonly Prompt[], LoginDecision, readonly Secret[]>;

const PASSWORD: Prompt = { text: 'Password: ', echo: false };
/** Echoed as typed: it is worthless a moment later, and easier to get right. */
const CODE: Prompt = { text: 'Verification code: ', echo: true };

/**
 * What keyboard-interactive login asks (RFC 4256). A name decides what is asked, existing or not; the password is
 * looked at only when the code is there as well.
 */
export async function* loginConversation(authenticator: Authenticator, attempt: LoginAttempt): Conversation {
  const asksCode = await isAsked(authenticator, attempt);
  const [password = new Secret('')] = yield [PASSWORD];
  if (!asksCode) return authenticator.password(attempt, password);
  const [code = new Secret('')] = yield [CODE];
  return authenticator.password(attempt, password, code);
}

/** What is asked of somebody whose key was proved already. */
export async function* codeConversation(
  authenticator: Authenticator,
  attempt: LoginAttempt,
  proved: Identity,
): Conversation {
  const [code = new Secret('')] = yield [CODE];
  return authenticator.code(attempt, proved, code);
}

/** When it cannot be found out, the password is refused for the same reason a moment later. */
async function isAsked(authenticator: Authenticator, attempt: LoginAttempt): Promise<boolean> {
  try {
    return await authenticator.asksCode(attempt);
  } catch {
    return false;
  }
}
