import {
  eitherOf,
  meaningsWhenUndefined,
  sameMeanings,
  type Defined,
  type Meanings,
} from '../definitions.ts';

interface Change {
  readonly key: string;
  readonly previous: Meanings;
  readonly wasSet: boolean;
}

/**
 * What names stand for while a line is read: what earlier lines defined, and on top what this one does. Every
 * change is noted, so that after a branch that may not have been taken, both outcomes can be kept.
 */
export class Bindings {
  readonly #before: Defined;
  readonly #now = new Map<string, Meanings>();
  readonly #log: Change[] = [];
  /** The first change that hangs on a program before it: the line can be broken off there. */
  #breakAt: number | undefined;

  constructor(before: Defined) {
    this.#before = before;
  }

  /** Nothing at all is defined: there is nothing to look up. */
  get isEmpty(): boolean {
    return this.#now.size === 0 && this.#before.size === 0;
  }

  get(key: string): Meanings {
    return this.#now.get(key) ?? this.#before.get(key) ?? meaningsWhenUndefined(key);
  }

  set(key: string, meanings: Meanings): void {
    this.#log.push({ key, previous: this.get(key), wasSet: this.#now.has(key) });
    this.#now.set(key, meanings);
  }

  /** What it was before stays possible. */
  add(key: string, meanings: Meanings): void {
    this.set(key, eitherOf(this.get(key), meanings));
  }

  /** A point in time, for `settle`. */
  get mark(): number {
    return this.#log.length;
  }

  /**
   * What was done since the mark may have been done in part, or not at all: any value since then may hold.
   * Gives the names that can be different from what they were at the mark.
   */
  settle(mark: number): readonly string[] {
    if (this.#log.length === mark) return [];
    const first = new Map<string, Change>();
    for (const change of this.#log.splice(mark)) {
      const { key, previous } = change;
      if (!first.has(key)) {
        first.set(key, change);
        this.#log.push(change);
      }
      this.#now.set(key, eitherOf(previous, this.get(key)));
    }
    this.#moveBreak();
    return [...first.values()].flatMap(({ key, previous }) =>
      sameMeanings(previous, this.get(key)) ? [] : [key],
    );
  }

  /** Work of another shell: nothing of it is left. */
  aside(work: () => void): void {
    const { mark } = this;
    const breakAt = this.#breakAt;
    work();
    for (const { key, previous, wasSet } of this.#log.splice(mark).toReversed())
      this.#put(key, previous, wasSet);
    this.#breakAt = breakAt;
  }

  /** Names that have a meaning of their own for the time of the work: the parameters of a function. */
  local(meanings: ReadonlyMap<string, Meanings>, work: () => void): void {
    const { mark } = this;
    const before = Array.from(meanings.keys(), (key) => [key, this.get(key), this.#now.has(key)] as const);
    for (const [key, own] of meanings) this.#now.set(key, own);
    work();
    for (const [key, previous, wasSet] of before) this.#put(key, previous, wasSet);
    const others = this.#log.splice(mark).filter(({ key }) => !meanings.has(key));
    this.#log.push(...others);
    this.#moveBreak();
  }

  /** A program runs: it can fail or be interrupted, and with it all that follows on the line. */
  noteProgram(): void {
    this.#breakAt ??= this.#log.length;
  }

  /** The line is over. Gives what it changed. */
  finish(): Defined {
    if (this.#breakAt !== undefined) this.settle(this.#breakAt);
    return this.#now;
  }

  /** Names of one kind that mean something. */
  *names(kind: string): Iterable<string> {
    const prefix = `${kind} `;
    for (const map of [this.#before, this.#now])
      for (const key of map.keys()) if (key.startsWith(prefix)) yield key.slice(prefix.length);
  }

  #put(key: string, meanings: Meanings, wasSet: boolean): void {
    if (wasSet) this.#now.set(key, meanings);
    else this.#now.delete(key);
  }

  #moveBreak(): void {
    if (this.#breakAt !== undefined && this.#breakAt > this.#log.length) this.#breakAt = this.#log.length;
  }
}
