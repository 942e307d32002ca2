import type { ActionRow } from './schema.ts';

type Work = 'attempts' | 'notBefore' | 'leaseOwner' | 'leaseUntil' | 'before' | 'result';

/** The part of an action that says what was done about it, of one that nobody has worked on. */
export function untried(nowMs: number): Pick<ActionRow, Work | 'plannedAt' | 'updatedAt'> {
  return {
    attempts: 0,
    notBefore: 0,
    leaseOwner: null,
    leaseUntil: null,
    before: null,
    result: null,
    plannedAt: nowMs,
    updatedAt: nowMs,
  };
}
