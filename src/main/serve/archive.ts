import type { Config } from '#config/config.ts';
import { diskFloors } from '#config/disk-floors.ts';
import type { Secrets } from '#config/secrets.ts';
import type { ArchiveConnection } from '#archive/connection.ts';
import { startEmbeddedEngine, type EmbeddedEngine } from '#archive/engine/embedded-engine.ts';
import { makeEvent } from '#contract/event.ts';
import { newId } from '#lib/ids.ts';
import type { Logger } from '#lib/log.ts';
import { Secret } from '#lib/secret.ts';
import type { Clock } from '#lib/time.ts';
import type { Stream } from '#stream/stream.ts';

export interface ArchiveEngine extends AsyncDisposable {
  readonly connection: ArchiveConnection;
  /** The process of our own, when the configuration names no server. */
  readonly embedded: EmbeddedEngine | null;
}

/** The ClickHouse that the configuration names, or the embedded engine as one. */
export async function openEngine(
  config: Config,
  secrets: Secrets,
  stream: Pick<Stream, 'publish'>,
  clock: Clock,
  logger: Logger,
): Promise<ArchiveEngine> {
  const { url, user, memoryBytes } = config.archive;
  if (url !== null) {
    const connection = {
      url,
      username: user ?? 'default',
      password: secrets.archivePassword ?? new Secret(''),
    };
    return { connection, embedded: null, [Symbol.asyncDispose]: () => Promise.resolve() };
  }
  const engine = await startEmbeddedEngine({
    dataDir: config.dataDir,
    memoryBytes,
    keepFreeBytes: diskFloors(config.retention.reserveBytes).archiveBytes,
    logger,
    onRestart: ({ reason, downMs, restarts }) => {
      const now = clock();
      const event = makeEvent('archive.engine_restarted', newId(now), now, {
        message:
          'The archive engine ended unexpectedly and was started again. Nothing was lost; searches waited.',
        data: { reason, downMs, restarts },
      });
      stream
        .publish([event])
        .catch((error: unknown) => logger.error({ err: error, event }, 'an event could not be published'));
    },
  });
  return { connection: engine, embedded: engine, [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose]() };
}
