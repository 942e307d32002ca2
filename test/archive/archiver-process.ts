/** Child of a test: an archiver over a stream that is the same at each start. */
import { startArchiver } from '#archive/archiver.ts';
import { createLogger } from '#lib/log.ts';
import { Secret } from '#lib/secret.ts';
import { ArrayStream } from './array-stream.ts';
import { SeededEvents } from './seeded-events.ts';

export interface ArchiverOrder {
  readonly url: string;
  readonly username: string;
  readonly password: string;
  readonly seed: number;
  readonly events: number;
  readonly retentionMs: number;
}

export async function seededStream(seed: number, events: number): Promise<ArrayStream> {
  const gaps = new SeededEvents(seed + 1);
  const stream = new ArrayStream(() => 1 + gaps.integer(3));
  await stream.publish(new SeededEvents(seed).take(events));
  return stream;
}

process.once('message', (order: ArchiverOrder) => {
  void seededStream(order.seed, order.events).then((stream) =>
    startArchiver({
      stream,
      connection: { url: order.url, username: order.username, password: new Secret(order.password) },
      retentionMs: order.retentionMs,
      logger: createLogger('silent'),
      signal: new AbortController().signal,
      onPosition: (position) => process.send?.(position),
    }),
  );
});
