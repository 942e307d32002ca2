import type { EventRecord } from '#contract/event.ts';
import type { StreamEntry } from './stream.ts';

/** An entry as it was read; its event is parsed when somebody asks for it. */
export class StoredEntry implements StreamEntry {
  readonly position: number;
  readonly json: string;
  #event: EventRecord | undefined;

  constructor(position: number, json: string) {
    this.position = position;
    this.json = json;
  }

  get event(): EventRecord {
    this.#event ??= JSON.parse(this.json) as EventRecord;
    return this.#event;
  }
}
