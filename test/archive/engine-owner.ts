/** Child of a test: owns an engine, tells its process, and waits to be killed. */
import { startEmbeddedEngine } from '#archive/engine/embedded-engine.ts';
import { createLogger } from '#lib/log.ts';

process.once('message', (dataDir: string) => {
  void startEmbeddedEngine({
    dataDir,
    memoryBytes: 400 * 2 ** 20,
    keepFreeBytes: 0,
    logger: createLogger('silent'),
  }).then((engine) => process.send?.(engine.status().pid));
});
