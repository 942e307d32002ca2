import { Secret } from '#lib/secret.ts';
import type { Authenticator } from './authenticator.ts';
import type { LoginAttempt, LoginDecision } from './login-attempt.ts';

export interface Prompt {
  readonly text: string;
  readonly echo: boolean;
}

/** Questions and answers that end in a decision. The answers to one yield come in the order of its prompts. */
export type Conversation = AsyncGenerator<readonly Prompt[], LoginDecision, readonly Secret[]>;

/**
 * What keyboard-interactive login asks (RFC 4256). The same for every name, existing or not. A second factor
 * is one more `yield` after the password, asked of everybody whose policy might need it.
 */
export async function* loginConversation(authenticator: Authenticator, attempt: LoginAttempt): Conversation {
  const [password] = yield [{ text: 'Password: ', echo: false }];
  return authenticator.password(attempt, password ?? new Secret(''));
}
