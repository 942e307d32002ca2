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

  /** Takes back what was done since the mark. Gives what it was. */
  undo(mark: number): Defined {
    const undone = new Map<string, Meanings>();
    for (const { key, previous, wasSet } of this.#log.splice(mark).toReversed()) {
      if (!undone.has(key)) undone.set(key, this.get(key));
      this.#put(key, previous, wasSet);
    }
    this.#moveBreak();
    return undone;
  }

  /** One of these was done, nobody knows which. */
  redo(alternatives: readonly Defined[]): void {
    for (const key of new Set(alternatives.flatMap((one) => [...one.keys()]))) {
      const before = this.get(key);
      const each = alternatives.map((one) => one.get(key) ?? before);
      this.set(key, each.reduce(eitherOf));
    }
  }

  /** Work of another shell: nothing of it is left. */
  aside(work: () => void): void {
    const { mark } = this;
    const breakAt = this.#breakAt;
    work();
    this.undo(mark);
    this.#breakAt = breakAt;
  }

  /** A name that has a meaning of its own for the time of the work: the parameters of a function. */
  local(key: string, meanings: Meanings, work: () => void): void {
    const { mark } = this;
    const before = this.get(key);
    const wasSet = this.#now.has(key);
    this.#now.set(key, meanings);
    work();
    this.#put(key, before, wasSet);
    const changes = this.#log.splice(mark);
    this.#log.push(...changes.filter((change) => change.key !== key));
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
