import type { Logger } from '#lib/log.ts';
import type { Clock } from '#lib/time.ts';
import type { RecordingRow } from '#state/schema.ts';
import type { State } from '#state/state.ts';
import { recordingEvent } from '../events.ts';
import type { RecordingStore } from '../store.ts';

export interface RetentionOptions {
  readonly store: RecordingStore;
  readonly state: State;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How long a recording is kept after its end. */
  readonly keepMs: number;
  readonly signal?: AbortSignal;
}

const PAGE_ROWS = 100;

/** Deletes recordings that are past their time: first the key, then the file, then the row. Returns how many. */
export async function deleteExpiredRecordings(options: RetentionOptions): Promise<number> {
  const before = options.clock() - options.keepMs;
  let deleted = 0;
  for (let afterId = ''; ;) {
    const rows = options.signal?.aborted === true ? [] : await expiredRows(options.state, before, afterId);
    const last = rows.at(-1);
    if (last === undefined) return deleted;
    afterId = last.id;
    for (const row of rows) {
      try {
        await deleteOne(options, row);
        deleted += 1;
      } catch (error) {
        options.logger.error(
          { recordingId: row.id, err: error },
          'an expired recording could not be deleted',
        );
      }
    }
  }
}

function expiredRows(state: State, before: number, afterId: string): Promise<readonly RecordingRow[]> {
  return state.reader
    .selectFrom('recordings')
    .selectAll()
    .where('state', '!=', 'open')
    .where('endedAt', '<', before)
    .where('id', '>', afterId)
    .orderBy('id')
    .limit(PAGE_ROWS)
    .execute();
}

async function deleteOne({ state, store, clock }: RetentionOptions, row: RecordingRow): Promise<void> {
  const recordingId = row.id;
  // Without the key nothing of it can be read, even if the process ends before the file is gone.
  await state.transact(async (tx, emit) => {
    await tx.updateTable('recordings').set({ sealedKey: null }).where('id', '=', recordingId).execute();
    const { sessionId, channelId } = row;
    emit(
      recordingEvent('recording.erased', { recordingId, sessionId, channelId }, clock(), {
        reason: 'retention',
      }),
    );
  });
  await store.remove(row.file);
  await state.transact(async (tx) => {
    await tx.deleteFrom('recordings').where('id', '=', recordingId).execute();
  });
}
