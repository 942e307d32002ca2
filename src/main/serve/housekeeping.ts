import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '#lib/log.ts';

export interface Chore {
  readonly name: string;
  readonly everyMs: number;
  run(): Promise<void>;
}

/** Runs each chore again and again, none twice at a time. A chore that fails is logged and tried at its next turn. */
export function startHousekeeping(chores: readonly Chore[], logger: Logger): AsyncDisposable {
  const stopping = new AbortController();
  const { signal } = stopping;
  const loops = chores.map(async (chore) => {
    while (!signal.aborted) {
      await delay(chore.everyMs, undefined, { signal, ref: false }).catch(() => undefined);
      if (signal.aborted) return;
      await chore
        .run()
        .catch((error: unknown) => logger.error({ err: error, chore: chore.name }, 'a chore failed'));
    }
  });
  return {
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await Promise.all(loops);
    },
  };
}
