import { nameKey } from '#contract/names.ts';
import { MIN_PASSWORD_LENGTH } from '#contract/resources/user.ts';

/** Why a password that somebody chose is not accepted. */
export type PasswordProblem = 'too_short' | 'too_long' | 'too_simple' | 'is_name';

/** A bound before hashing; nobody types more. */
const MAX_PASSWORD_LENGTH = 1024;
const FEWEST_DIFFERENT = 5;
/** What must be left of a password when every occurrence of the user name is taken out. */
const LEAST_BESIDE_NAME = 6;

/**
 * The rules for every password that a person sets: long, not a few characters again and again, not the name with
 * a digit behind it. Deliberately nothing about kinds of characters (NIST SP 800-63B section 3.1.1.2).
 */
export function passwordProblem(password: string, username: string): PasswordProblem | undefined {
  if (password.length > MAX_PASSWORD_LENGTH) return 'too_long';
  const characters = Array.from(password.normalize('NFC'));
  if (characters.length < MIN_PASSWORD_LENGTH) return 'too_short';
  if (new Set(characters).size < FEWEST_DIFFERENT) return 'too_simple';
  const rest = password.toLowerCase().replaceAll(nameKey(username), '');
  return rest.length < LEAST_BESIDE_NAME ? 'is_name' : undefined;
}

/** The problem in words for callers of the API. */
export const PASSWORD_PROBLEMS: Readonly<Record<PasswordProblem, string>> = {
  too_short: `must have at least ${MIN_PASSWORD_LENGTH} characters`,
  too_long: `must have at most ${MAX_PASSWORD_LENGTH} characters`,
  too_simple: 'must not be a few characters again and again',
  is_name: 'must not be the user name',
};
