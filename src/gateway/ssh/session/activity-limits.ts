import type { MonotonicClock } from '#lib/time.ts';

/** People are warned this long before a limit ends their session. */
export const WARNING_LEAD_MS = 60_000;
const MAX_TIMER_MS = 2_147_483_647;

export type LimitKind = 'idle' | 'total';

export interface ActivityLimitsOptions {
  readonly idleMs: number;
  readonly totalMs: number;
  readonly clock: MonotonicClock;
  readonly warn: (kind: LimitKind, seconds: number) => void;
  readonly expired: (kind: LimitKind) => void;
}

/**
 * The idle and the total limit of a session, on the monotonic clock: setting the wall clock neither ends nor
 * prolongs a session. Activity costs one assignment; the timer looks at it only when it is due.
 */
export class ActivityLimits implements Disposable {
  readonly #options: ActivityLimitsOptions;
  readonly #startedAt: number;
  #lastActivity: number;
  #warned: LimitKind | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: ActivityLimitsOptions) {
    this.#options = options;
    this.#startedAt = options.clock();
    this.#lastActivity = this.#startedAt;
    this.#look();
  }

  touch(): void {
    this.#lastActivity = this.#options.clock();
    if (this.#warned === 'idle') this.#warned = undefined;
  }

  readonly #look = (): void => {
    const { idleMs, totalMs, clock, warn, expired } = this.#options;
    const now = clock();
    const idleLeft = this.#lastActivity + idleMs - now;
    const totalLeft = this.#startedAt + totalMs - now;
    const kind: LimitKind = totalLeft <= idleLeft ? 'total' : 'idle';
    const left = Math.min(idleLeft, totalLeft);
    if (left <= 0) {
      expired(kind);
      return;
    }
    // A limit of less than two minutes warns at half of it.
    const lead = Math.min(WARNING_LEAD_MS, (kind === 'idle' ? idleMs : totalMs) / 2);
    if (left <= lead && this.#warned !== kind) {
      this.#warned = kind;
      warn(kind, Math.ceil(left / 1000));
    }
    const wait = left > lead ? left - lead : left;
    this.#timer = setTimeout(this.#look, Math.min(Math.max(1, Math.ceil(wait)), MAX_TIMER_MS));
    this.#timer.unref();
  };

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }
}
