import { setTimeout as delay } from 'node:timers/promises';
import { monotonicClock, type MonotonicClock } from '#lib/time.ts';

/** Longer than the work behind any refusal takes on an unburdened machine (a password hash: about 30 ms). */
const FLOOR_MS = 200;
/** Work that takes longer, because others wait too, ends on the next multiple: its exact length says nothing. */
const STEP_MS = 100;

/** When an answer to a request may be given that took `workMs` so far: milliseconds after the request came. */
export function refusalMoment(workMs: number): number {
  return workMs <= FLOOR_MS ? FLOOR_MS : FLOOR_MS + Math.ceil((workMs - FLOOR_MS) / STEP_MS) * STEP_MS;
}

/** Waits until a refusal may be given, so that how long it took says nothing about why. Ends early on abort. */
export async function waitToRefuse(
  receivedAtMs: number,
  signal: AbortSignal,
  clock: MonotonicClock = monotonicClock,
): Promise<void> {
  const workMs = clock() - receivedAtMs;
  try {
    await delay(Math.max(0, refusalMoment(workMs) - workMs), undefined, { signal, ref: false });
  } catch {
    // Aborted: nobody is left to be refused.
  }
}
