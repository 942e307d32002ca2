import type { EventRecord } from '#contract/event.ts';
import { HeadWatch } from './head-watch.ts';
import { StoredEntry } from './stored-entry.ts';
import type { Stream, StreamEntry } from './stream.ts';

/** A stream that forgets everything when the process ends: for tests that are not about durability. */
export class MemoryStream implements Stream {
  readonly #watch = new HeadWatch();
  readonly #ids = new Set<string>();
  #entries: readonly { readonly position: number; readonly text: string }[] = [];
  #head = 0;

  publish(events: readonly EventRecord[]): Promise<void> {
    const added = events.filter((event) => {
      if (this.#ids.has(event.id)) return false;
      this.#ids.add(event.id);
      return true;
    });
    // As text, so that an event goes in and comes out as through a file.
    this.#entries = [
      ...this.#entries,
      ...added.map((event) => ({ position: ++this.#head, text: JSON.stringify(event) })),
    ];
    this.#watch.advance(this.#head);
    return Promise.resolve();
  }

  async read(after: number, limit: number, signal: AbortSignal): Promise<readonly StreamEntry[]> {
    while (!signal.aborted) {
      const page = this.#entries.filter((entry) => entry.position > after).slice(0, limit);
      if (page.length > 0) {
        return page.map(({ position, text }) => new StoredEntry(position, text));
      }
      await this.#watch.beyond(Math.max(after, this.#head), signal);
    }
    return [];
  }

  head(): Promise<number> {
    return Promise.resolve(this.#head);
  }

  trim(upTo: number): Promise<void> {
    this.#entries = this.#entries.filter((entry) => {
      if (entry.position > upTo) return true;
      this.#ids.delete((JSON.parse(entry.text) as EventRecord).id);
      return false;
    });
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#watch.close(new Error('the stream is closed'));
    return Promise.resolve();
  }
}
