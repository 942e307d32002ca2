import type { Acknowledgement, Control } from '#control/control.ts';
import type { Lock } from '#contract/resources/lock.ts';

/**
 * Locks are told from two threads, and who tells last may have read first. So what is told is only that they
 * changed: the list is read here, one reading at a time, and gateways get lists in the order of reading.
 */
export function controlFromState(hub: Control, readLocks: () => Promise<readonly Lock[]>): Control {
  let reading: Promise<unknown> = Promise.resolve();
  return {
    sessions: () => hub.sessions(),
    terminate: (order) => hub.terminate(order),
    applyLocks(_locks, terminatedBy) {
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
