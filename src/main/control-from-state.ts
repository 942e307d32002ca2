import type { Acknowledgement, Control } from '#control/control.ts';
import type { ControlHub } from '#control/hub.ts';
import type { Lock } from '#contract/resources/lock.ts';

/**
 * Whoever changes locks, on whatever thread, only says that they changed: the list is read here, one reading at
 * a time, and gateways get lists in the order of reading. So the last word is always what is stored.
 */
export function controlFromState(
  hub: Pick<ControlHub, 'sessions' | 'terminate' | 'applyLocks'>,
  readLocks: () => Promise<readonly Lock[]>,
): Control {
  let reading: Promise<unknown> = Promise.resolve();
  return {
    sessions: () => hub.sessions(),
    terminate: (order) => hub.terminate(order),
    tellLocks(terminatedBy) {
      const told = reading.then(async (): Promise<{ readonly answer: Promise<Acknowledgement> }> => {
        const locks = await readLocks();
        // Wrapped, so that the next reading waits for this telling to begin, not for its answer.
        return { answer: hub.applyLocks(locks, terminatedBy) };
      });
      reading = told.catch(() => undefined);
      return told.then(({ answer }) => answer);
    },
  };
}
