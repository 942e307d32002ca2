import type { EventRecord } from '#contract/event.ts';
import type { EventType } from '#contract/event-catalogue.ts';
import type { Stream } from '#stream/stream.ts';

/** Everything that is in the stream now, oldest first. */
export async function storedEvents(stream: Pick<Stream, 'head' | 'read'>): Promise<readonly EventRecord[]> {
  const head = await stream.head();
  const found: EventRecord[] = [];
  for (let position = 0; position < head;) {
    const page = await stream.read(position, 1_000, AbortSignal.timeout(10_000));
    found.push(...page.map(({ event }) => event));
    position = page.at(-1)?.position ?? head;
  }
  return found;
}

/** The first event of this type that fits, waiting for one if need be. */
export async function waitForEvent(
  stream: Pick<Stream, 'read'>,
  type: EventType,
  fits: (event: EventRecord) => boolean = () => true,
): Promise<EventRecord> {
  const patience = AbortSignal.timeout(20_000);
  for (let position = 0; ;) {
    const page = await stream.read(position, 1_000, patience);
    const last = page.at(-1);
    // A page is empty when patience ended, and never otherwise.
    if (last === undefined) throw new Error(`no event ${type} came`);
    const found = page.find(({ event }) => event.type === type && fits(event));
    if (found !== undefined) return found.event;
    position = last.position;
  }
}
