import { makeEvent } from '#contract/event.ts';
import { newId } from '#lib/ids.ts';
import type { RecordingRow } from '#state/schema.ts';
import { findSession } from '#state/session-reader.ts';
import type { Caller } from './access/caller.ts';
import type { Services } from './services.ts';

/** Who watches the watchers: that a recording was read is durable before its first byte is sent. */
export async function publishRecordingRead(
  services: Pick<Services, 'state' | 'stream' | 'clock'>,
  caller: Caller,
  recording: RecordingRow,
  how: 'download' | 'asciicast',
): Promise<void> {
  const now = services.clock();
  const session = await findSession(services.state.reader, recording.sessionId);
  await services.stream.publish([
    makeEvent('recording.read', newId(now), now, {
      actor: caller.name,
      ...(caller.address === 'local' ? {} : { address: caller.address }),
      ...(session === undefined
        ? {}
        : { user: session.username, asset: session.asset, account: session.account }),
      session: recording.sessionId,
      message: `${caller.name} read a recording.`,
      data: { recording: recording.id, how },
    }),
  ]);
}
