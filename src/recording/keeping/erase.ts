import { PortcullisError } from '#contract/errors.ts';
import type { Clock } from '#lib/time.ts';
import type { State } from '#state/state.ts';
import { recordingEvent } from '../events.ts';

export interface EraseOptions {
  readonly state: State;
  readonly clock: Clock;
  /** Who wants it, by name. */
  readonly actor: string;
  readonly reason: string;
}

/**
 * Deletes the data key of a recording: nobody can read it any more, wherever copies of the file are. The file
 * stays, and goes on proving that it is what was recorded. Erasing twice is no error.
 */
export async function eraseRecording(recordingId: string, options: EraseOptions): Promise<void> {
  const { state, clock, actor, reason } = options;
  await state.transact(async (tx, emit) => {
    const row = await tx
      .selectFrom('recordings')
      .selectAll()
      .where('id', '=', recordingId)
      .executeTakeFirst();
    if (row === undefined) throw new PortcullisError('E_NOT_FOUND', 'There is no such recording.');
    if (row.state === 'open') {
      throw new PortcullisError('E_CONFLICT', 'The recording is still being written. End its session first.');
    }
    if (row.sealedKey === null) return;
    await tx.updateTable('recordings').set({ sealedKey: null }).where('id', '=', recordingId).execute();
    const event = recordingEvent('recording.erased', { ...row, recordingId }, clock(), { reason });
    emit({ ...event, actor });
  });
}
