import { needsCorroboration } from '#contract/event-origin.ts';
import type { ActionRow } from '#state/schema.ts';
import type { StateReader } from '#state/state.ts';
import type { ActionOutcome } from '../actions/action-states.ts';
import type { ForeignTarget } from './foreign-target.ts';

const MOST_LOOKS = 50;
/** A bastion may know a session a moment later than its log line comes. */
const TRIES = 4;
const PAUSE_MS = 2_000;

export interface Doubt {
  /** One sentence for people. */
  readonly why: string;
}

/**
 * Whether the bastion bears out what the events say. As many of them must be known there as it took to cross the
 * threshold; forged ones count for nothing, so they neither bring a response about nor stand in its way. What a
 * person approved, and what no plain datagram told, needs no witness. Null when nothing is in doubt.
 */
export async function findDoubt(
  row: ActionRow,
  { connector, user, evidence }: ForeignTarget,
  db: StateReader,
  signal: AbortSignal,
): Promise<Doubt | null> {
  if (row.mode === 'approve' || !evidence.some(({ event }) => needsCorroboration(event))) return null;
  const crossedAt = await readCrossing(row, db);
  const needed = evidence.filter(({ position }) => position <= crossedAt).length;
  const looks = new Map<string, boolean>();
  let borneOut = 0;
  for (const { event } of evidence) {
    if (borneOut >= needed) break;
    if (!needsCorroboration(event)) {
      borneOut += 1;
      continue;
    }
    const place = `${event.session ?? ''} ${event.command ?? ''}`;
    if (!looks.has(place)) {
      if (looks.size >= MOST_LOOKS) break;
      looks.set(place, await connector.corroborates(event, user, signal));
    }
    if (looks.get(place) === true) borneOut += 1;
  }
  return borneOut >= needed
    ? null
    : {
        why: `${connector.name} knows only ${borneOut} of the ${needed} events that it took: anybody could have sent the others`,
      };
}

/** What becomes of an action in doubt: it is tried again, then left to a person. `notYet` and `never` begin a sentence. */
export function doubtOutcome(
  { why }: Doubt,
  words: { readonly notYet: string; readonly never: string },
  about: { readonly attempts: number; readonly nowMs: number; readonly before: unknown },
): ActionOutcome {
  const { attempts, nowMs, before } = about;
  return attempts < TRIES
    ? {
        state: 'retrying',
        notBefore: nowMs + PAUSE_MS,
        before,
        result: { summary: `${words.notYet}: ${why}` },
      }
    : {
        state: 'downgraded',
        before,
        result: {
          summary: `${words.never}, because ${why}; the responders are told`,
          guard: 'uncorroborated',
          approvable: true,
        },
      };
}

/** Where the stream stood when the episode opened. */
async function readCrossing(row: ActionRow, db: StateReader): Promise<number> {
  const episode = await db
    .selectFrom('episodes')
    .select('openedPosition')
    .where('offenseId', '=', row.offenseId ?? '')
    .where('episode', '=', row.episode ?? 0)
    .executeTakeFirst();
  return episode?.openedPosition ?? Number.MAX_SAFE_INTEGER;
}
