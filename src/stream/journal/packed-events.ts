import type { EventRecord } from '#contract/event.ts';

/**
 * Events on their way into the journal. Their JSON texts lie in one piece of memory: it crosses to another thread as one,
 * and no garbage collector looks into it or moves it.
 */
export interface PackedEvents {
  readonly ids: readonly string[];
  /** JSON text of each, UTF-8, one behind the other. */
  readonly texts: Uint8Array;
  /** Where in `texts` each ends. */
  readonly ends: readonly number[];
}

export function packEvents(events: readonly EventRecord[]): PackedEvents {
  const ids: string[] = [];
  const texts: string[] = [];
  let bytes = 0;
  for (const event of events) {
    const text = JSON.stringify(event);
    ids.push(event.id);
    texts.push(text);
    bytes += Buffer.byteLength(text);
  }
  // Of its own: what is cloned of a view is everything behind it.
  const packed = Buffer.allocUnsafeSlow(bytes);
  const ends: number[] = [];
  let at = 0;
  for (const text of texts) {
    at += packed.write(text, at);
    ends.push(at);
  }
  return { ids, texts: packed, ends };
}
