/**
 * Remembers at least the last `capacity` different keys, and at most twice as many: two sets, of which the older is
 * forgotten as a whole when the newer is full. So a key costs one look and one entry, and none is ever deleted alone.
 */
export class RecentSet<K> {
  readonly #capacity: number;
  #newer = new Set<K>();
  #older: ReadonlySet<K> = new Set<K>();

  constructor(capacity: number) {
    if (!Number.isInteger(capacity) || capacity < 1) throw new RangeError('capacity must be 1 or more');
    this.#capacity = capacity;
  }

  /** True when the key is not remembered; from now on it is. */
  add(key: K): boolean {
    if (this.#newer.has(key)) return false;
    const isNew = !this.#older.has(key);
    this.#newer.add(key);
    if (this.#newer.size >= this.#capacity) {
      this.#older = this.#newer;
      this.#newer = new Set<K>();
    }
    return isNew;
  }
}
