/**
 * Child of the fault tests: publishes 60 events one after the other on a disk that fails at times, and
 * prints for each `ok <id>` or the error code and the id; then reads all back and prints `has <id>`.
 */
import { isPortcullisError } from '#contract/errors.ts';
import { makeEvent } from '#contract/event.ts';
import { newId } from '#lib/ids.ts';
import { createLogger } from '#lib/log.ts';
import { startStorage } from '#main/storage/start.ts';

const dataDir = process.argv[2] ?? '';
const logger = createLogger('silent');
await using storage = await startStorage({ dataDir, logger, onFailure: () => process.exit(1) });
for (let n = 0; n < 60; n++) {
  const id = newId();
  try {
    await storage.stream.publish([makeEvent('tick', id, Date.now(), { message: 'x'.repeat(3_000) })]);
    console.log(`ok ${id}`);
  } catch (error) {
    console.log(`${isPortcullisError(error) ? error.code : String(error)} ${id}`);
  }
}
const entries = await storage.stream.read(0, 1_000, new AbortController().signal);
for (const entry of entries) console.log(`has ${entry.event.id}`);
