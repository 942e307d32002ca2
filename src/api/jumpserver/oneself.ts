import type { Caller } from '../access/caller.ts';
import { notFound } from '../http/error-answers.ts';

/** The id of the user who calls. The local administrator is no user, and has nothing of their own. */
export function oneself(caller: Caller): string {
  if (caller.userId === null) throw notFound();
  return caller.userId;
}
