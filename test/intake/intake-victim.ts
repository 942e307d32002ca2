/**
 * Child of the kill test: takes numbered lines into a journal, reads them back from there, trims what it has read, and
 * tells its parent what was published and what was read, until it is killed.
 */
import { join } from 'node:path';
import { openTypeFolders } from '#intake/type-folders.ts';
import { newId } from '#lib/ids.ts';
import { createLogger } from '#lib/log.ts';
import { connectStorage } from '#main/storage/connect.ts';
import { startStorage } from '#main/storage/start.ts';
import { startBed } from './intake-bed.ts';
import { numberOf } from './numbered-lines.ts';

export type VictimReport =
  /** Everything in the journal was read; `stored` is the last number in it. */
  | { readonly kind: 'listening'; readonly port: number; readonly stored: number }
  /** The stream said that everything up to the number is on the disk. */
  | { readonly kind: 'published'; readonly upTo: number }
  /** Everything up to the number was read, each once and in order. */
  | { readonly kind: 'read'; readonly upTo: number; readonly position: number }
  | { readonly kind: 'wrong'; readonly expected: number; readonly found: string };

const PAGE = 2000;
/** Seldom, as a server does: each time is a commit of its own. */
const TRIM_EVERY = 50_000;
const [, , dataDir = '', startPosition = '0', startNumber = '0'] = process.argv;
const logger = createLogger('silent');
const storage = await startStorage({ dataDir, logger, onFailure: () => process.exit(1) });
// As in the pipeline: who publishes reads along.
const { stream } = await connectStorage({ port: storage.newPort(), logger, readsWhatItPublishes: true });
const folders = await openTypeFolders({
  folders: [join(import.meta.dirname, '..', '..', 'content', 'log-sources')],
  newId,
  onReload: () => undefined,
});

/** Resolves when the report has left this process: what is done next, the parent knows about. */
function tell(report: VictimReport): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  process.send?.(report, () => resolve());
  return promise;
}

const recordIdOf = ({ data }: { readonly data: Readonly<Record<string, unknown>> }): string =>
  String(data['recordId']);

let position = Number(startPosition);
let upTo = Number(startNumber);
let trimmed = upTo;

async function readOn(): Promise<void> {
  const page = await stream.read(position, PAGE, new AbortController().signal);
  for (const entry of page) {
    const found = recordIdOf(entry.event);
    if (numberOf(found) !== upTo + 1) await tell({ kind: 'wrong', expected: upTo + 1, found });
    upTo += 1;
    position = entry.position;
  }
  await tell({ kind: 'read', upTo, position });
  if (upTo < trimmed + TRIM_EVERY) return;
  trimmed = upTo;
  await stream.trim(position);
}

const head = await stream.head();
while (position < head) await readOn();
const stored = upTo;
const bed = await startBed({
  config: { udp: [] },
  intake: {
    normalise: folders.normalise,
    stream: {
      publish: async (events) => {
        await stream.publish(events);
        const last = events.at(-1);
        if (last !== undefined) await tell({ kind: 'published', upTo: numberOf(recordIdOf(last)) });
      },
    },
  },
});
await tell({ kind: 'listening', port: bed.port('tcp'), stored });
for (;;) await readOn();
