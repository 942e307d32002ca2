import type { Config } from '#config/config.ts';
import type { Clock } from '#lib/time.ts';
import type { Stream } from '#stream/stream.ts';
import type { Pipeline } from '../pipeline/start.ts';

export interface TrimOptions {
  readonly stream: Pick<Stream, 'read' | 'trim'>;
  readonly pipeline: Pick<Pipeline, 'status'>;
  readonly config: { readonly retention: Pick<Config['retention'], 'journalMs'> };
  readonly clock: Clock;
}

const PAGE = 1_000;

/**
 * Deletes from the journal what everybody has read and what is older than its retention. Nothing the archive or
 * the detector still needs goes, however old it is.
 */
export async function trimJournal({ stream, pipeline, config, clock }: TrimOptions): Promise<void> {
  const { detector, archiver } = await pipeline.status();
  const readByAll = Math.min(detector.position, archiver.position);
  const olderThanMs = clock() - config.retention.journalMs;
  let upTo = 0;
  for (let after = 0; ;) {
    const page = await stream.read(after, PAGE, AbortSignal.timeout(1_000));
    const old = page.filter(({ position, event }) => position <= readByAll && event.seen < olderThanMs);
    upTo = old.at(-1)?.position ?? upTo;
    if (page.length < PAGE || old.length < page.length) break;
    after = upTo;
  }
  if (upTo > 0) await stream.trim(upTo);
}
