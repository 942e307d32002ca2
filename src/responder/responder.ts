import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '#lib/log.ts';
import type { Clock } from '#lib/time.ts';
import type { Control } from '#control/control.ts';
import type { State } from '#state/state.ts';
import type { GuardLimits } from './actions/action-context.ts';
import { ActionOutbox } from './actions/action-outbox.ts';
import { ActionRunner } from './actions/action-runner.ts';
import { ActionService } from './actions/action-service.ts';
import type { Connectors } from './connectors/connector.ts';
import type { LockService } from './locks/lock-service.ts';
import type { Mailer } from './mail/mailer.ts';
import { ForeignContainments } from './realms/containments.ts';

const SCAN_MS = 1_000;
const LEASE_MS = 60_000;
/** What takes longer at the end is taken up again after the next start. */
const STOP_MS = 5_000;

export interface ResponderOptions {
  readonly state: State;
  readonly control: Pick<Control, 'sessions' | 'terminate'>;
  readonly locks: LockService;
  /** Ways to people of other realms. */
  readonly connectors: Connectors;
  /** Null when no mail server is configured. */
  readonly mailer: Mailer | null;
  /** Sends recovery links that could not be sent before. */
  readonly recovery: { resume(): Promise<void> } | null;
  readonly limits: GuardLimits;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  /** Who holds the leases: stable over restarts, one for each process that runs actions. */
  readonly node: string;
  readonly scanMs?: number;
  /** How often people who are disabled elsewhere are looked at. */
  readonly foreignLookMs?: number;
}

export interface Responder {
  /** Something may be due: actions were planned or approved. */
  wake(): void;
  /** Something was changed in another realm: whoever is contained there is looked at. */
  lookAtRealm(realm: string): void;
  /** Resolves when the signal was aborted and what was under way has ended. */
  readonly done: Promise<void>;
}

/** Carries out planned actions, ends what has expired, and sends what is still to be sent. */
export function startResponder(options: ResponderOptions): Responder {
  const loop = new ResponderLoop(options);
  return {
    wake: () => loop.wake(),
    lookAtRealm: (realm) => loop.lookAtRealm(realm),
    done: loop.run(),
  };
}

class ResponderLoop {
  readonly #options: ResponderOptions;
  readonly #outbox: ActionOutbox;
  readonly #runner: ActionRunner;
  readonly #actions: ActionService;
  readonly #containments: ForeignContainments;
  #woken = false;
  #endSleep: (() => void) | undefined;
  #complained = false;

  constructor(options: ResponderOptions) {
    const { state, control, locks, connectors, mailer, limits, clock, logger, node, signal } = options;
    this.#options = options;
    this.#outbox = new ActionOutbox({ state, clock, owner: node, leaseMs: LEASE_MS });
    this.#runner = new ActionRunner({
      outbox: this.#outbox,
      context: { state, control, locks, connectors, mailer, limits, clock },
      logger,
      onFinished: () => this.wake(),
    });
    this.#actions = new ActionService({ state, clock });
    this.#containments = new ForeignContainments({
      state,
      connectors,
      locks,
      clock,
      signal,
      ...(options.foreignLookMs === undefined ? {} : { lookMs: options.foreignLookMs }),
    });
  }

  wake(): void {
    this.#woken = true;
    this.#endSleep?.();
  }

  lookAtRealm(realm: string): void {
    this.#containments.lookSoon(realm);
  }

  async run(): Promise<void> {
    const { signal } = this.#options;
    await this.#attempt('leases of an earlier run could not be released', () =>
      this.#outbox.releaseOwnLeases(),
    );
    const chores = Promise.all([this.#chores(), this.#foreignChores()]);
    while (!signal.aborted) {
      this.#woken = false;
      await this.#attempt('planned actions could not be read', () => this.#runner.begin());
      if (!this.#woken) await this.#sleep();
    }
    const settled = new AbortController();
    const work = Promise.all([chores, this.#runner.settled()]);
    await Promise.race([work, pause(STOP_MS, settled.signal)]);
    settled.abort();
  }

  /** Beside the actions, so that a slow mail server delays no action and no expiry. */
  async #chores(): Promise<void> {
    const { signal, locks, recovery } = this.#options;
    await this.#attempt('the gateways could not be told the locks in force', () => locks.tell('system'));
    while (!signal.aborted) {
      await this.#attempt('expired locks could not be ended', () => locks.expireDue());
      await this.#attempt('old questions could not be answered', () => this.#actions.expireDue());
      if (recovery !== null) await this.#attempt('recovery links could not be sent', () => recovery.resume());
      await pause(this.#options.scanMs ?? SCAN_MS, signal);
    }
  }

  /** Apart from the others: a bastion that does not answer delays no expiry. */
  async #foreignChores(): Promise<void> {
    const { signal, connectors } = this.#options;
    while (!signal.aborted) {
      await this.#attempt('people of other realms could not be looked after', () =>
        this.#containments.look(),
      );
      await pause(this.#options.scanMs ?? SCAN_MS, signal);
    }
    for (const connector of connectors.values()) connector.close();
  }

  async #attempt(complaint: string, work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
      this.#complained = false;
    } catch (error) {
      if (!this.#complained && !this.#options.signal.aborted)
        this.#options.logger.error({ err: error, complaint }, 'the responder met a problem; trying again');
      this.#complained = true;
    }
  }

  async #sleep(): Promise<void> {
    const over = new AbortController();
    this.#endSleep = () => over.abort();
    await pause(this.#options.scanMs ?? SCAN_MS, AbortSignal.any([this.#options.signal, over.signal]));
    this.#endSleep = undefined;
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => {});
}
