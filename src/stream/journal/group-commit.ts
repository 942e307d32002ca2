import type { PackedEvents } from './packed-events.ts';

interface Request {
  readonly events: PackedEvents;
  readonly stored: PromiseWithResolvers<number>;
}

/** Events in one commit at most: keeps the thread free for others between two. */
const MAX_EVENTS_PER_COMMIT = 4_096;

export interface GroupCommitOptions {
  /** Stores all batches durably, or throws and stores none. Returns what each publisher is told. */
  readonly append: (batches: readonly PackedEvents[]) => readonly number[];
  /** After each commit, also one that failed, when its publishers have been told. */
  readonly onSettled: () => void;
  /** True when the failure is the fault of the disk, not of what was to be stored. */
  readonly concernsAll: (error: unknown) => boolean;
}

/**
 * One sync for all who publish meanwhile: what arrives while a commit runs is in the next one, and a lone
 * publisher waits for nobody.
 */
export class GroupCommit {
  readonly #options: GroupCommitOptions;
  #queue: Request[] = [];
  #scheduled = false;

  constructor(options: GroupCommitOptions) {
    this.#options = options;
  }

  /** Resolves with what `append` returned for these. */
  publish(events: PackedEvents): Promise<number> {
    const stored = Promise.withResolvers<number>();
    this.#queue.push({ events, stored });
    this.#schedule();
    return stored.promise;
  }

  /** Commits what is waiting now. */
  flush(): void {
    while (this.#queue.length > 0) this.#commit(this.#takeBatch());
  }

  // After the messages that have arrived already: they belong in the same commit.
  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#commit(this.#takeBatch());
      if (this.#queue.length > 0) this.#schedule();
    });
  }

  #takeBatch(): readonly Request[] {
    let total = 0;
    let count = 0;
    for (const { events } of this.#queue) {
      total += events.ids.length;
      if (count > 0 && total > MAX_EVENTS_PER_COMMIT) break;
      count++;
    }
    const batch = this.#queue.slice(0, count);
    this.#queue = this.#queue.slice(count);
    return batch;
  }

  #commit(batch: readonly Request[]): void {
    if (batch.length === 0) return;
    let told: readonly number[];
    try {
      told = this.#options.append(batch.map((request) => request.events));
    } catch (error) {
      if (batch.length > 1 && !this.#options.concernsAll(error)) {
        // Somebody's events cannot be stored; the others must not suffer for it.
        for (const request of batch) this.#commit([request]);
        return;
      }
      for (const request of batch) request.stored.reject(error);
      afterPromises(this.#options.onSettled);
      return;
    }
    for (const [index, request] of batch.entries()) request.stored.resolve(told[index] ?? 0);
    afterPromises(this.#options.onSettled);
  }
}

/** When everything has run that waits for promises resolved by now. */
function afterPromises(work: () => void): void {
  queueMicrotask(() => process.nextTick(work));
}
