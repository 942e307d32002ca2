import type { Lock } from '#contract/resources/lock.ts';
import type { Logger } from '#lib/log.ts';
import type { Acknowledgement, Control, GatewayNode, LiveSession, TerminateOrder } from './control.ts';

/**
 * A gateway's right to go on by itself. While it is not held, locks may have been missed: nothing new is
 * opened, and before it runs out everything open ends. The clock is monotonic: a jump of the wall clock
 * neither shortens nor prolongs it.
 */
export interface Lease {
  isHeld(): boolean;
}

/** A gateway's place in the control plane; disposing it leaves. */
export interface Registration extends Disposable {
  readonly lease: Lease;
}

/** The control plane as the gateways of this process see it. */
export interface ControlHub extends Omit<Control, 'tellLocks'>, Disposable {
  /** Applies the complete set of locks in force on every gateway. Order of calls is order of effect. */
  applyLocks(locks: readonly Lock[], terminatedBy: string): Promise<Acknowledgement>;
  /** Joins; the locks in force are applied before this returns. */
  register(node: GatewayNode): Registration;
}

export interface ControlOptions {
  /** How long a gateway may take to confirm; after it the node is named as unconfirmed. */
  readonly answerTimeoutMs?: number;
  readonly logger: Logger;
}

const ANSWER_TIMEOUT_MS = 5_000;

/** The control plane of one process: calls reach every gateway in the order in which they were made. */
export function createControl(options: ControlOptions): ControlHub {
  return new InProcessHub(options);
}

class InProcessHub implements ControlHub {
  readonly #nodes = new Set<GatewayNode>();
  readonly #timeoutMs: number;
  readonly #logger: Logger;
  #locks: { readonly locks: readonly Lock[]; readonly terminatedBy: string } | undefined;
  #disposed = false;

  constructor(options: ControlOptions) {
    this.#timeoutMs = options.answerTimeoutMs ?? ANSWER_TIMEOUT_MS;
    this.#logger = options.logger;
  }

  register(node: GatewayNode): Registration {
    this.#nodes.add(node);
    if (this.#locks !== undefined) {
      const { locks, terminatedBy } = this.#locks;
      node.applyLocks(locks, terminatedBy).catch((error: unknown) => {
        this.#logger.error({ node: node.name, err: error }, 'a joining gateway did not take the locks');
      });
    }
    return {
      // In one process the control plane cannot be out of reach: the lease lasts as long as the hub.
      lease: { isHeld: () => !this.#disposed && this.#nodes.has(node) },
      [Symbol.dispose]: () => {
        this.#nodes.delete(node);
      },
    };
  }

  async sessions(): Promise<readonly LiveSession[]> {
    return [...this.#nodes].flatMap((node) => node.sessions());
  }

  terminate(order: TerminateOrder): Promise<Acknowledgement> {
    return this.#askAll((node) => node.terminate(order));
  }

  applyLocks(locks: readonly Lock[], terminatedBy: string): Promise<Acknowledgement> {
    this.#locks = { locks, terminatedBy };
    return this.#askAll((node) => node.applyLocks(locks, terminatedBy));
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    this.#nodes.clear();
  }

  /** Every node is called before this function first waits: that keeps the order of calls. */
  async #askAll(call: (node: GatewayNode) => Promise<readonly LiveSession[]>): Promise<Acknowledgement> {
    const answers = [...this.#nodes].map(async (node) => ({
      node: node.name,
      cut: await this.#ask(node, call),
    }));
    const cut: LiveSession[] = [];
    const unconfirmed: string[] = [];
    for (const answer of await Promise.all(answers)) {
      if (answer.cut === undefined) unconfirmed.push(answer.node);
      else cut.push(...answer.cut);
    }
    return { cut, unconfirmed };
  }

  async #ask(
    node: GatewayNode,
    call: (node: GatewayNode) => Promise<readonly LiveSession[]>,
  ): Promise<readonly LiveSession[] | undefined> {
    const { promise: timedOut, resolve } = Promise.withResolvers<undefined>();
    const timer = setTimeout(() => {
      this.#logger.error({ node: node.name }, 'a gateway did not confirm an order in time');
      resolve(undefined);
    }, this.#timeoutMs);
    timer.unref();
    try {
      return await Promise.race([call(node), timedOut]);
    } catch (error) {
      this.#logger.error({ node: node.name, err: error }, 'a gateway failed to carry out an order');
      return undefined;
    } finally {
      clearTimeout(timer);
    }
  }
}
