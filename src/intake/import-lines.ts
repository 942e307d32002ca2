import type { EventRecord } from '#contract/event.ts';
import type { LogSourceTypes } from '#domain/normalise/log-source-types.ts';
import { eventsOf, recordEventId } from '#domain/normalise/normaliser.ts';
import { readLine } from '#domain/normalise/read-line.ts';
import { readMessage } from '#domain/syslog/read-message.ts';
import type { LocalToUtc } from '#domain/syslog/zone.ts';
import { orderedId } from '#lib/ids.ts';
import type { Stream } from '#stream/stream.ts';

/** Some lines of a file that was written before. */
export interface HistoryBatch {
  readonly source: { readonly name: string; readonly realm: string; readonly confirmed: boolean };
  /** Names the file: the same lines of the same file are the same events, however often they are imported. */
  readonly file: string;
  /** Number of the first line in the file. */
  readonly firstLine: number;
  readonly lines: readonly string[];
  /** When the file was written, epoch milliseconds: a year that a line leaves out is the nearest to it. */
  readonly writtenAtMs: number;
}

export interface HistoryCounts {
  readonly events: number;
  /** Lines that nothing could read; they are kept raw. */
  readonly failed: number;
}

export interface ImportContext {
  readonly types: LogSourceTypes;
  readonly stream: Pick<Stream, 'publish'>;
  readonly zone: LocalToUtc;
  readonly nowMs: number;
}

const ADDRESS = '';

/** Stores lines as history: found by search, counted by no rule. Resolves when they are durable. */
export async function importLines(
  { source, file, firstLine, lines, writtenAtMs }: HistoryBatch,
  { types, stream, zone, nowMs }: ImportContext,
): Promise<HistoryCounts> {
  const { name, realm, confirmed } = source;
  const origin = { source: name, realm, intake: { confirmed, transport: 'file' } } as const;
  const peer = { address: ADDRESS, port: 0, transport: 'file' } as const;
  const events: EventRecord[] = [];
  let failed = 0;
  lines.forEach((line, index) => {
    if (line === '') return;
    const read = readMessage(line, { peer, receivedAtMs: writtenAtMs, zone, untruncatedSize: null });
    const message = { ...read, receivedAtMs: nowMs, timeMs: read.timeMs ?? writtenAtMs };
    const reading = readLine(types, message, origin);
    if (reading.kind === 'raw') failed += 1;
    const recordId = recordEventId(reading, realm);
    let copy = 0;
    const lineId = (): string => orderedId(firstLine + index, 'imported line', name, file, copy++, line);
    events.push(...eventsOf(reading, message, origin, () => recordId ?? lineId()));
  });
  await stream.publish(events);
  return { events: events.length, failed };
}
