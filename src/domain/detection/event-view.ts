import type { EventRecord } from '#contract/event.ts';
import type { JsonValue } from '#lib/json.ts';
import { fieldReaders, type FieldReader } from './field-names.ts';

/** Gives every field that some rule names a small number, so that a view can cache by index. */
export class FieldTable {
  readonly #slots = new Map<string, number>();
  readonly readers: FieldReader[] = [];
  readonly #names: string[] = [];
  readonly #readerOf: (name: string) => FieldReader;

  /** @param timeZone IANA name of the zone in which `time.hour` and `time.weekday` are told */
  constructor(timeZone = 'UTC') {
    this.#readerOf = fieldReaders(timeZone);
  }

  /** The slot of a canonical field name. */
  slot(name: string): number {
    const known = this.#slots.get(name);
    if (known !== undefined) return known;
    const slot = this.readers.length;
    this.readers.push(this.#readerOf(name));
    this.#slots.set(name, slot);
    this.#names.push(name);
    return slot;
  }

  /** The canonical name of the field in the slot. */
  nameOf(slot: number): string {
    return this.#names[slot] ?? '';
  }
}

/**
 * One event as the compiled rules see it: each field is read and lowered at most once, however many rules
 * ask for it. One view serves any number of events, one after the other.
 */
export class EventView {
  readonly #readers: readonly FieldReader[];
  readonly #values: (JsonValue | undefined)[] = [];
  readonly #lowered: (string | undefined)[] = [];
  readonly #readAt: number[] = [];
  readonly #loweredAt: number[] = [];
  #texts: readonly string[] | undefined;
  #loweredTexts: readonly string[] | undefined;
  #generation = 0;
  #event: EventRecord | undefined;

  constructor(table: FieldTable) {
    this.#readers = table.readers;
  }

  load(event: EventRecord): void {
    this.#event = event;
    this.#texts = undefined;
    this.#loweredTexts = undefined;
    this.#generation += 1;
  }

  get event(): EventRecord {
    if (this.#event === undefined) throw new Error('no event was loaded into the view');
    return this.#event;
  }

  value(slot: number): JsonValue | undefined {
    if (this.#readAt[slot] === this.#generation) return this.#values[slot];
    const value = this.#readers[slot]?.(this.event);
    this.#values[slot] = value;
    this.#readAt[slot] = this.#generation;
    return value;
  }

  /** The field as text; undefined when it is absent, null, a list or an object. */
  text(slot: number): string | undefined {
    return scalarText(this.value(slot));
  }

  /** As `text`, in lower case. */
  lower(slot: number): string | undefined {
    if (this.#loweredAt[slot] === this.#generation) return this.#lowered[slot];
    const lowered = this.text(slot)?.toLowerCase();
    this.#lowered[slot] = lowered;
    this.#loweredAt[slot] = this.#generation;
    return lowered;
  }

  /** Every text in the event: where keywords are looked for. */
  texts(): readonly string[] {
    this.#texts ??= collectTexts(this.event);
    return this.#texts;
  }

  /** As `texts`, in lower case. */
  loweredTexts(): readonly string[] {
    this.#loweredTexts ??= this.texts().map((text) => text.toLowerCase());
    return this.#loweredTexts;
  }
}

/** Text of a string, number or boolean. */
export function scalarText(value: JsonValue | undefined): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return undefined;
}

function collectTexts(event: EventRecord): string[] {
  const texts: string[] = [];
  const visit = (value: JsonValue | undefined): void => {
    const text = scalarText(value);
    if (text !== undefined) texts.push(text);
    else if (typeof value === 'object' && value !== null) for (const one of Object.values(value)) visit(one);
  };
  for (const value of Object.values(event)) visit(value as JsonValue | undefined);
  return texts;
}
