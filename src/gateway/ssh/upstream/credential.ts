import type { AnyAuthMethod, AuthHandlerMiddleware } from 'ssh2';
import type { Secret } from '#lib/secret.ts';
import { accountContext } from '#vault/contexts.ts';
import type { Vault } from '#vault/vault.ts';
import { UpstreamFailure } from './failure.ts';
import type { UpstreamTarget } from './target.ts';

export interface Credential {
  readonly kind: 'password' | 'privateKey';
  readonly secret: Secret;
}

/** Takes the secret of an account out of the vault. Throws an UpstreamFailure when there is none. */
export function openCredential(vault: Vault, target: UpstreamTarget): Credential {
  if (target.secretKind === 'none' || target.sealed === null)
    throw new UpstreamFailure('no_secret', 'the account has no secret');
  try {
    return {
      kind: target.secretKind,
      secret: vault.openText(target.sealed, accountContext(target.accountId)),
    };
  } catch (error) {
    throw new UpstreamFailure('vault_failed', 'the secret cannot be opened', error);
  }
}

/**
 * Offers the credential and nothing else, each method once. A password is also typed at a keyboard-interactive
 * prompt, but only at a single one that does not echo: an asset may ask, it may not fish.
 */
export function authenticateWith(username: string, credential: Credential): AuthHandlerMiddleware {
  const methods = attempts(username, credential);
  return (methodsLeft, _partial, next) => {
    for (let method = methods.shift(); method !== undefined; method = methods.shift()) {
      // `methodsLeft` is null before the first attempt, whatever the declared type says.
      const left = methodsLeft as readonly string[] | null;
      if (left === null || left.includes(method.type)) {
        next(method);
        return;
      }
    }
    next(false as unknown as AnyAuthMethod);
  };
}

function attempts(username: string, { kind, secret }: Credential): AnyAuthMethod[] {
  const value = secret.expose();
  if (kind === 'privateKey') return [{ type: 'publickey', username, key: value }];
  let answered = false;
  return [
    { type: 'password', username, password: value },
    {
      type: 'keyboard-interactive',
      username,
      prompt: (_name, _instructions, _language, prompts, finish) => {
        const [prompt] = prompts;
        const fits = !answered && prompts.length === 1 && prompt?.echo !== true;
        answered = true;
        finish(fits ? [value] : prompts.map(() => ''));
      },
    },
  ];
}
