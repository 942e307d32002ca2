import { randomInt } from 'node:crypto';

/** Of 32 bits, kept of one id. */
const NUMBERS_PER_ID = 3;
/** At most half of the places are taken, so that few looks find a free one. */
const PLACES_PER_ID = 2;

/**
 * Remembers at least the last `capacity` different ids, and at most twice as many: two tables, of which the older is
 * forgotten as a whole when the newer is full. Ids are UUIDs as `ids.ts` writes them, compared by 72 of the 74 bits behind
 * their first 48: of a derived id these are its digest, and two that differ in the moment in front are the same fact.
 * A table of numbers, not a `Set` of texts: nothing for the garbage collector to look through, and nothing that is
 * copied while it grows.
 */
export class RecentIds {
  readonly #capacity: number;
  /** 32 less the bits of a place. */
  readonly #shift: number;
  /** Who sends ids cannot know which share a place: as in a `Set`, only how long looking takes depends on it. */
  readonly #seed = randomInt(2 ** 31) | 1;
  #newer: Int32Array;
  #older: Int32Array;
  #count = 0;

  constructor(capacity: number) {
    if (!Number.isInteger(capacity) || capacity < 1) throw new RangeError('capacity must be 1 or more');
    this.#capacity = capacity;
    const bits = Math.ceil(Math.log2(capacity * PLACES_PER_ID));
    const places = 2 ** bits;
    this.#shift = 32 - bits;
    this.#newer = new Int32Array(places * NUMBERS_PER_ID);
    this.#older = new Int32Array(places * NUMBERS_PER_ID);
  }

  /** True when the id is not remembered; from now on it is. */
  add(id: string): boolean {
    // Never 0, so that a place which is taken can be told from one that is free.
    const first = (hexAt(id, 15, 18) << 1) | 1;
    const middle = (hexAt(id, 20, 23) << 16) | hexAt(id, 24, 28);
    const last = hexAt(id, 28, 36);
    const start =
      (Math.imul(last ^ Math.imul(middle, this.#seed), this.#seed) >>> this.#shift) * NUMBERS_PER_ID;
    const free = placeOf(this.#newer, start, first, middle, last);
    if (free < 0) return false;
    const isNew = placeOf(this.#older, start, first, middle, last) >= 0;
    this.#newer[free] = first;
    this.#newer[free + 1] = middle;
    this.#newer[free + 2] = last;
    this.#count += 1;
    if (this.#count >= this.#capacity) this.#forget();
    return isNew;
  }

  #forget(): void {
    const oldest = this.#older;
    this.#older = this.#newer;
    this.#newer = oldest.fill(0);
    this.#count = 0;
  }
}

/** Where the id can be put; -1 when it is there. */
function placeOf(table: Int32Array, start: number, first: number, middle: number, last: number): number {
  let at = start;
  while (table[at] !== 0) {
    if (table[at] === first && table[at + 1] === middle && table[at + 2] === last) return -1;
    at += NUMBERS_PER_ID;
    if (at === table.length) at = 0;
  }
  return at;
}

/** Hexadecimal digits of lower case, at most eight, as a number of 32 bits. */
function hexAt(text: string, from: number, to: number): number {
  let value = 0;
  for (let at = from; at < to; at += 1) {
    const code = text.charCodeAt(at);
    value = (value << 4) | (code >= 97 ? code - 87 : code - 48);
  }
  return value;
}
