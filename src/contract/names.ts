import { z } from 'zod';

/** Names are identifiers: immutable, compared without case, safe in paths, logs, mails and terminals. */
export const Name = z
  .string()
  .regex(
    /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,62}$/,
    'must start with a letter, digit or underscore, then letters, digits, "_", "." or "-", 63 at most',
  );

/** A login on an asset: POSIX and Windows forms, never `@` or `:` (they separate), never whitespace or control. */
export const AccountName = z
  .string()
  .regex(/^[A-Za-z0-9_.$\\-]{1,64}$/, 'must be 1 to 64 letters, digits, "_", ".", "$", "\\" or "-"');

/** A name, or `*` for all. */
export const Selector = z.union([z.literal('*'), Name]);
export const AccountSelector = z.union([z.literal('*'), AccountName]);

/** The form in which names are compared and stored as keys. */
export function nameKey(name: string): string {
  return name.toLowerCase();
}

export function selects(selectors: readonly string[], name: string): boolean {
  const key = nameKey(name);
  return selectors.some((selector) => selector === '*' || nameKey(selector) === key);
}
