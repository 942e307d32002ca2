import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { RecordedFrame } from '#recording/reading/read-recording.ts';
import { z } from 'zod';
import { PortcullisError } from '#contract/errors.ts';

/** `[seconds, code, data]`: asciicast v2 (https://docs.asciinema.org/manual/asciicast/v2/). */
const CastEvent = z.tuple([z.number(), z.string(), z.string()]);
const KINDS: Readonly<Record<string, RecordedFrame['kind']>> = {
  o: 'output',
  i: 'input',
  r: 'resize',
  m: 'mark',
};

/** The frames of an asciicast v2 as it arrives, so that a long recording starts at once. */
export async function* readAsciicast(cast: Readable): AsyncGenerator<RecordedFrame> {
  let index = -1;
  for await (const line of createInterface({ input: cast, crlfDelay: Number.POSITIVE_INFINITY })) {
    index += 1;
    if (index === 0 || line === '') continue;
    const event = CastEvent.safeParse(parseLine(line));
    if (!event.success) throw new PortcullisError('E_INPUT', `Line ${index + 1} is no asciicast.`);
    const [seconds, code, data] = event.data;
    const kind = KINDS[code];
    if (kind !== undefined)
      yield { index, kind, atMs: Math.round(seconds * 1000), data: Buffer.from(data, 'utf8') };
  }
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
