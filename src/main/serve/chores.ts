import type { Archive } from '#archive/archive.ts';
import type { Config } from '#config/config.ts';
import type { Logger } from '#lib/log.ts';
import type { Clock, MonotonicClock } from '#lib/time.ts';
import { deleteExpiredRecordings } from '#recording/keeping/retention.ts';
import type { RecordingStore } from '#recording/store.ts';
import type { State } from '#state/state.ts';
import type { Stream } from '#stream/stream.ts';
import type { Pipeline } from '../pipeline/start.ts';
import { createClockWatch } from './clock-watch.ts';
import { startHousekeeping } from './housekeeping.ts';
import { trimJournal } from './trim-journal.ts';

export interface ChoreParts {
  readonly config: Config;
  readonly state: State;
  readonly stream: Stream;
  readonly store: RecordingStore;
  readonly archive: Pick<Archive, 'status'>;
  readonly pipeline: Pipeline;
  readonly clock: Clock;
  readonly monotonicClock: MonotonicClock;
  readonly logger: Logger;
}

const SECOND_MS = 1_000;
const HOUR_MS = 3_600_000;

/** What must be done now and then while the server runs. */
export function startChores(parts: ChoreParts): AsyncDisposable {
  const { config, state, stream, store, clock, monotonicClock, logger } = parts;
  return startHousekeeping(
    [
      { name: 'clock', everyMs: 5 * SECOND_MS, run: createClockWatch(stream, clock, monotonicClock) },
      {
        name: 'recordings',
        everyMs: HOUR_MS,
        run: async () => {
          await deleteExpiredRecordings({
            state,
            store,
            clock,
            logger,
            keepMs: config.retention.recordingsMs,
          });
        },
      },
      { name: 'journal', everyMs: HOUR_MS, run: () => trimJournal(parts) },
    ],
    logger,
  );
}
