import type { GatewayNode, LiveSession, TerminateOrder } from '#control/control.ts';
import type { ControlHub, Registration } from '#control/hub.ts';
import { LockBook } from '#control/lock-book.ts';
import { nameKey } from '#contract/names.ts';
import type { Lock } from '#contract/resources/lock.ts';
import { newId, type NewId } from '#lib/ids.ts';
import type { Logger } from '#lib/log.ts';
import { printable } from '#lib/printable.ts';
import type { Clock, MonotonicClock } from '#lib/time.ts';
import type { Recorder } from '#recording/recorder.ts';
import type { State } from '#state/state.ts';
import type { Stream } from '#stream/stream.ts';
import type { Vault } from '#vault/vault.ts';
import { createMenu } from '../../menu/menu.ts';
import type { PolicyCache } from '../../policy-cache.ts';
import type { Login, LoginHandler } from '../login.ts';
import { messagesFor, terminatedText } from '../messages.ts';
import { plainWords, type AssetSession, type LastWords } from './asset-session.ts';
import { channelGate } from './channel-gate.ts';
import { GatewayEvents } from './gateway-events.ts';
import { LoginConnection } from './login-connection.ts';
import type { GatewayServices, SessionLimits } from './services.ts';
import { TakeDowns } from './take-downs.ts';

export interface SessionManagerOptions {
  /** Name of this gateway node, in rows and acknowledgements. */
  readonly node: string;
  readonly state: State;
  readonly stream: Stream;
  readonly recorder: Recorder;
  readonly vault: Vault;
  readonly control: ControlHub;
  readonly policy: PolicyCache;
  readonly config: {
    readonly limits: SessionLimits;
    /** Variables a client may set on an asset. */
    readonly environment: readonly string[];
  };
  readonly openMenu?: typeof createMenu;
  /** What stands between a person and an asset on a channel. */
  readonly channelGate?: typeof channelGate;
  readonly clock: Clock;
  readonly monotonicClock: MonotonicClock;
  readonly logger: Logger;
  readonly newId?: NewId;
}

const RECHECKS_AT_ONCE = 8;

/** How long people's recordings and rows may take to close when the server stops. */
const DRAIN_MS = 5_000;

/**
 * Every connection after login, and the gateway's place in the control plane. A login is registered before
 * locks are asked for, so that no lock can fall between.
 */
export class SessionManager implements LoginHandler, GatewayNode, AsyncDisposable {
  readonly name: string;
  readonly #services: GatewayServices;
  readonly #connections = new Set<LoginConnection>();
  readonly #settling = new Set<Promise<void>>();
  readonly #lockBook: LockBook;
  readonly #policy: PolicyCache;
  readonly #registration: Registration;
  readonly #policyChanges: Disposable;
  #draining = false;
  #isRechecking = false;
  #recheckWanted = false;

  constructor(options: SessionManagerOptions) {
    const { node, stream, control, policy, config, clock, logger } = options;
    this.name = node;
    this.#policy = policy;
    this.#lockBook = new LockBook(clock);
    const makeId = options.newId ?? newId;
    this.#services = {
      node,
      state: options.state,
      events: new GatewayEvents({ stream, clock, newId: makeId, logger }),
      recorder: options.recorder,
      vault: options.vault,
      policy,
      lockBook: this.#lockBook,
      leaseHeld: () => this.#registration.lease.isHeld(),
      limits: config.limits,
      environment: config.environment,
      takeDowns: new TakeDowns(),
      openMenu: options.openMenu ?? createMenu,
      channelGate: options.channelGate ?? channelGate,
      clock,
      monotonicClock: options.monotonicClock,
      newId: makeId,
      logger,
    };
    this.#registration = control.register(this);
    this.#policyChanges = policy.onChange(() => this.#recheck());
  }

  accept(login: Login): void {
    const connection = new LoginConnection({
      services: this.#services,
      login,
      ended: (ended) => this.#forget(ended),
    });
    if (connection.isEnded) return;
    this.#connections.add(connection);
    if (this.#draining) {
      void connection.cut(plainWords(messagesFor(login.language).shuttingDown()), 'shutdown');
      return;
    }
    const lock = this.#lockBook.denying(connection.lockSubject());
    if (lock === undefined) return;
    void connection.cut(plainWords(messagesFor(login.language).locked()), 'terminated');
  }

  sessions(): readonly LiveSession[] {
    return [...this.#connections].flatMap((connection) => connection.live());
  }

  async terminate(order: TerminateOrder): Promise<readonly LiveSession[]> {
    const by = printable(order.by, 128);
    const words: LastWords = () => terminatedText(by);
    const cuts: Promise<readonly LiveSession[]>[] = [];
    for (const connection of this.#connections) {
      const named =
        order.username !== undefined && nameKey(order.username) === nameKey(connection.login.username);
      if (named || order.ids?.includes(connection.login.id) === true) {
        cuts.push(this.#cutConnection(connection, words, order));
        continue;
      }
      for (const session of connection.sessions) {
        if (order.ids?.includes(session.id) === true)
          cuts.push(this.#cutSession(connection, session, words, order));
      }
    }
    return (await Promise.all(cuts)).flat();
  }

  async applyLocks(locks: readonly Lock[], terminatedBy: string): Promise<readonly LiveSession[]> {
    this.#lockBook.replace(locks);
    this.#policy.replaceLocks(locks);
    const cuts = [...this.#connections].flatMap((connection) =>
      this.#applyLocksTo(connection, () => terminatedBy),
    );
    return (await Promise.all(cuts)).flat();
  }

  #applyLocksTo(
    connection: LoginConnection,
    byOf: (lock: Lock) => string,
  ): readonly Promise<readonly LiveSession[]>[] {
    const orderOf = (lock: Lock): CutOrder => ({ by: byOf(lock), reason: lock.reason, lock });
    const wordsOf = (lock: Lock): LastWords => {
      const text = terminatedText(printable(byOf(lock), 128));
      return () => text;
    };
    const cutting = this.#lockBook.cutting(connection.lockSubject());
    if (cutting !== undefined) return [this.#cutConnection(connection, wordsOf(cutting), orderOf(cutting))];
    const cuts: Promise<readonly LiveSession[]>[] = [];
    let frozen = this.#lockBook.freezing(connection.lockSubject()) !== undefined;
    for (const session of connection.sessions) {
      const subject = connection.lockSubject(session);
      const lock = this.#lockBook.cutting(subject);
      if (lock !== undefined) cuts.push(this.#cutSession(connection, session, wordsOf(lock), orderOf(lock)));
      else if (this.#lockBook.freezing(subject) !== undefined) frozen = true;
    }
    if (frozen) connection.freeze();
    else connection.thaw();
    return cuts;
  }

  async #cutConnection(
    connection: LoginConnection,
    words: LastWords,
    order: CutOrder,
  ): Promise<readonly LiveSession[]> {
    const live = connection.live();
    const { sessions } = connection;
    const cutting = connection.cut(words, 'terminated');
    this.#reportTerminated(sessions, order);
    await cutting;
    return live;
  }

  async #cutSession(
    connection: LoginConnection,
    session: AssetSession,
    words: LastWords,
    order: CutOrder,
  ): Promise<readonly LiveSession[]> {
    const live = [session.live()];
    session.cut(words, 'terminated');
    this.#reportTerminated([session], order);
    await connection.hangUpIfUnused('terminated');
    return live;
  }

  #reportTerminated(sessions: readonly AssetSession[], { by, reason, lock }: CutOrder): void {
    const { events, takeDowns } = this.#services;
    const reporting = takeDowns.turn().then(() => {
      for (const session of sessions)
        events.report('session.terminated', {
          ...session.eventFields(),
          actor: by,
          ...(lock?.offenseId === null || lock?.offenseId === undefined ? {} : { offense: lock.offenseId }),
          data: { reason: printable(reason, 500), lock: lock?.id ?? null },
        });
    });
    this.#awaitSettled(reporting);
  }

  /** One look at a time, over a few connections at once: a change of policy must not flood the database. */
  #recheck(): void {
    this.#recheckWanted = true;
    if (this.#isRechecking) return;
    this.#isRechecking = true;
    void this.#recheckAll().finally(() => {
      this.#isRechecking = false;
    });
  }

  async #recheckAll(): Promise<void> {
    while (this.#recheckWanted) {
      this.#recheckWanted = false;
      const waiting = [...this.#connections];
      const look = async (): Promise<void> => {
        for (let one = waiting.pop(); one !== undefined; one = waiting.pop()) await this.#recheckOne(one);
      };
      await Promise.all(Array.from({ length: RECHECKS_AT_ONCE }, look));
    }
  }

  async #recheckOne(connection: LoginConnection): Promise<void> {
    try {
      await connection.recheck();
      // Whose groups have changed may be hit by a lock that missed them before.
      await Promise.all(this.#applyLocksTo(connection, (lock) => lock.owner));
    } catch (error) {
      this.#services.logger.error(
        { err: error, login: connection.login.id },
        'permissions of an open connection could not be checked again',
      );
    }
  }

  #forget(connection: LoginConnection): void {
    this.#connections.delete(connection);
    this.#awaitSettled(connection.settled());
  }

  #awaitSettled(settling: Promise<void>): void {
    this.#settling.add(settling);
    void settling.finally(() => this.#settling.delete(settling));
  }

  /** Tells everybody, ends everything, and waits for recordings and rows, within a bound. */
  async drain(): Promise<void> {
    this.#draining = true;
    await Promise.all(
      [...this.#connections].map((connection) =>
        connection.cut(plainWords(messagesFor(connection.login.language).shuttingDown()), 'shutdown'),
      ),
    );
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(() => {
      this.#services.logger.warn('recordings or session rows were still open when the time to stop was up');
      resolve();
    }, DRAIN_MS);
    const settled = Promise.all(this.#settling).then(() => this.#services.events.flush());
    await Promise.race([settled, late]);
    clearTimeout(timer);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.drain();
    this.#policyChanges[Symbol.dispose]();
    this.#registration[Symbol.dispose]();
  }
}

interface CutOrder {
  readonly by: string;
  readonly reason: string;
  readonly lock?: Lock;
}

export function createSessionManager(options: SessionManagerOptions): SessionManager {
  return new SessionManager(options);
}
