import { StateError } from '../errors.ts';

/** Who holds or wants the writer: one value per port. */
export type Owner = symbol;

interface Holder {
  readonly id: number;
  readonly owner: Owner;
  readonly timer: NodeJS.Timeout;
}

interface Waiter {
  readonly owner: Owner;
  readonly timeoutMs: number;
  readonly granted: PromiseWithResolvers<number>;
}

const REMEMBERED_EXPIRIES = 100;

/**
 * First come, first served: one transaction at a time over all clients. A holder that stays too long, or
 * whose client is gone, loses its turn; `onRevoke` must roll back before the next one begins.
 */
export class WriteQueue {
  readonly #onGrant: () => void;
  readonly #onRevoke: () => void;
  readonly #waiting: Waiter[] = [];
  readonly #expired: number[] = [];
  #holder: Holder | undefined;
  #closed: StateError | undefined;
  #nextId = 1;

  constructor(onGrant: () => void, onRevoke: () => void) {
    this.#onGrant = onGrant;
    this.#onRevoke = onRevoke;
  }

  acquire(owner: Owner, timeoutMs: number): Promise<number> {
    if (this.#closed !== undefined) return Promise.reject(this.#closed);
    const granted = Promise.withResolvers<number>();
    this.#waiting.push({ owner, timeoutMs, granted });
    this.#grantNext();
    return granted.promise;
  }

  /** Throws unless this transaction has the writer now. */
  assertHeld(id: number, owner: Owner): void {
    if (this.#holder?.id === id && this.#holder.owner === owner) return;
    if (this.#expired.includes(id)) {
      throw new StateError(
        'timeout',
        'A transaction stayed open for too long and was rolled back. Nothing of it is stored; do less in one, and wait for nothing inside it.',
      );
    }
    throw new StateError('ended', 'The transaction has ended already; its handle cannot be used any more.');
  }

  holds(id: number, owner: Owner): boolean {
    return this.#holder?.id === id && this.#holder.owner === owner;
  }

  release(): void {
    clearTimeout(this.#holder?.timer);
    this.#holder = undefined;
    this.#grantNext();
  }

  /** Nobody is granted anything any more. */
  close(): void {
    clearTimeout(this.#holder?.timer);
    const reason = new StateError('unavailable', 'The state database is closed: the server is stopping.');
    for (const waiter of this.#waiting.splice(0)) waiter.granted.reject(reason);
    this.#holder = undefined;
    this.#closed = reason;
  }

  /** A client is gone: what it waits for is dropped, what it holds is rolled back. */
  dropOwner(owner: Owner): void {
    for (let index = this.#waiting.length - 1; index >= 0; index--) {
      if (this.#waiting[index]?.owner === owner) this.#waiting.splice(index, 1);
    }
    if (this.#holder?.owner === owner) this.#revoke();
  }

  #revoke(): void {
    this.#onRevoke();
    this.release();
  }

  #grantNext(): void {
    if (this.#holder !== undefined) return;
    const next = this.#waiting.shift();
    if (next === undefined) return;
    const id = this.#nextId++;
    const timer = setTimeout(() => this.#expire(id), next.timeoutMs);
    this.#holder = { id, owner: next.owner, timer };
    try {
      this.#onGrant();
      next.granted.resolve(id);
    } catch (error) {
      next.granted.reject(error);
      this.release();
    }
  }

  #expire(id: number): void {
    if (this.#holder?.id !== id) return;
    this.#expired.push(id);
    if (this.#expired.length > REMEMBERED_EXPIRIES) this.#expired.shift();
    this.#revoke();
  }
}
