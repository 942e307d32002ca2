/** How far a connection has come; later is harder to fake. */
export const STAGES = ['opening', 'key_exchange', 'authentication'] as const;
export type Stage = (typeof STAGES)[number];

/** A connection that has not logged in yet. */
export interface Pending {
  /** Its address block: what counts as one source. */
  readonly block: string;
  readonly stage: Stage;
  /** Ends it at once, to make room. */
  evict(): void;
}

export interface AdmissionLimits {
  readonly pendingConnections: number;
  readonly connectionsPerAddress: number;
}

/** Looked at when one has to go: enough to find a flooder, few enough to cost nothing in a flood. */
const SAMPLE = 12;

/**
 * Holds the number of connections that have not logged in. Newcomers always get in; when it is full, one of those
 * already there goes, taken from a random sample: the one whose source has most, then the one that has come least
 * far. So a flood pushes out itself, and somebody who logs in swiftly is hardly ever hit.
 */
export class Admission {
  readonly #limits: AdmissionLimits;
  readonly #random: () => number;
  readonly #all = new Roster();
  readonly #byBlock = new Map<string, Roster>();

  /** `random` gives numbers from 0 up to, not including, 1. */
  constructor(limits: AdmissionLimits, random: () => number) {
    this.#limits = limits;
    this.#random = random;
  }

  get size(): number {
    return this.#all.size;
  }

  /** Admits the newcomer. `exempt` sources (trusted proxies, before they said whom they carry) have no own limit. */
  add(newcomer: Pending, exempt = false): void {
    const own = this.#byBlock.get(newcomer.block);
    const isSourceFull = !exempt && own !== undefined && own.size >= this.#limits.connectionsPerAddress;
    if (isSourceFull) this.#evictFrom(own);
    else if (this.#all.size >= this.#limits.pendingConnections) this.#evictFrom(this.#all);
    this.#all.add(newcomer);
    const roster = this.#byBlock.get(newcomer.block) ?? new Roster();
    roster.add(newcomer);
    this.#byBlock.set(newcomer.block, roster);
  }

  /** Forgets one that has logged in or is gone. Does nothing for one that is not there. */
  remove(pending: Pending): void {
    if (!this.#all.delete(pending)) return;
    const roster = this.#byBlock.get(pending.block);
    roster?.delete(pending);
    if (roster?.size === 0) this.#byBlock.delete(pending.block);
  }

  #evictFrom(roster: Roster): void {
    let victim: Pending | undefined;
    for (let look = 0; look < SAMPLE; look += 1) {
      const candidate = roster.at(Math.floor(this.#random() * roster.size));
      if (victim === undefined || (candidate !== undefined && this.#isWorse(candidate, victim)))
        victim = candidate;
    }
    if (victim === undefined) return;
    this.remove(victim);
    victim.evict();
  }

  #isWorse(one: Pending, other: Pending): boolean {
    const difference = this.#sourceSize(one) - this.#sourceSize(other);
    return difference === 0 ? STAGES.indexOf(one.stage) < STAGES.indexOf(other.stage) : difference > 0;
  }

  #sourceSize(pending: Pending): number {
    return this.#byBlock.get(pending.block)?.size ?? 0;
  }
}

/** A set with access by number, so that picking at random is cheap. */
class Roster {
  readonly #list: Pending[] = [];
  readonly #places = new Map<Pending, number>();

  get size(): number {
    return this.#list.length;
  }

  at(place: number): Pending | undefined {
    return this.#list[place];
  }

  add(pending: Pending): void {
    this.#places.set(pending, this.#list.length);
    this.#list.push(pending);
  }

  delete(pending: Pending): boolean {
    const place = this.#places.get(pending);
    if (place === undefined) return false;
    this.#places.delete(pending);
    const last = this.#list.pop();
    if (last !== undefined && last !== pending) {
      this.#list[place] = last;
      this.#places.set(last, place);
    }
    return true;
  }
}
