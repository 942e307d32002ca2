import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Connection, Server } from 'ssh2';
import { makeEvent } from '#contract/event.ts';
import type { Authenticator } from '#identity/authenticator.ts';
import { newId } from '#lib/ids.ts';
import { addressBlock } from '#lib/ip-text.ts';
import type { Logger } from '#lib/log.ts';
import { monotonicClock, type Clock } from '#lib/time.ts';
import type { Login, LoginHandler } from '../login.ts';
import type { Admission, AdmissionLimits, Pending, Stage } from './admission.ts';
import { Authentication, type Admitted } from './authentication.ts';
import type { EventOutlet, Publish } from './event-outlet.ts';
import type { HandshakePace } from './handshake-pace.ts';
import { disconnect, injectIdentified, judgeMessages, REASON_BY_APPLICATION } from './internals.ts';
import { MessageGate } from './message-gate.ts';
import { readOpening, type Origin } from './opening.ts';
import type { EarlyEnd, UnauthenticatedLog } from './unauthenticated-log.ts';

export interface GatewayLimits extends AdmissionLimits {
  readonly loginGraceMs: number;
  readonly authenticationTries: number;
}

/** What all connections of one gateway share. */
export interface FrontServices {
  readonly server: Server;
  readonly limits: GatewayLimits;
  readonly admission: Admission;
  readonly handshakePace: HandshakePace;
  readonly unauthenticated: UnauthenticatedLog;
  readonly authenticator: Authenticator;
  readonly loginHandler: LoginHandler;
  readonly publish: Publish;
  readonly outlet: EventOutlet;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** An honest client says who it is at once; only its network can be slow. */
const OPENING_MS = 10_000;
/** A peer that does not take our last words has its connection ended all the same. */
const FAREWELL_MS = 2_000;

/**
 * One client connection from the accepted socket to its end: opening, key exchange, authentication, and then the
 * login that is handed on. Whatever happens on it, it ends itself and nothing else.
 */
export class IncomingConnection implements Pending {
  readonly #socket: Socket;
  readonly #services: FrontServices;
  readonly #isProxy: boolean;
  readonly #closed = new AbortController();
  readonly #openingOver = new AbortController();
  readonly #finished = Promise.withResolvers<void>();
  readonly #startedAtMs = monotonicClock();
  #origin: Origin;
  #block: string;
  #stage: Stage = 'opening';
  #grace: NodeJS.Timeout | undefined;
  #connection: Connection | undefined;
  #authentication: Authentication | undefined;
  #admitted: Admitted | undefined;
  #login: Login | undefined;
  #clientSoftware: string | undefined;
  #isEvicted = false;
  #isProxyOwn = false;
  #earlyEnd: Pick<EarlyEnd, 'stage' | 'reason' | 'detail'> | undefined;
  #endReason: string | undefined;

  constructor(socket: Socket, peer: Origin, isProxy: boolean, services: FrontServices) {
    this.#socket = socket;
    this.#services = services;
    this.#isProxy = isProxy;
    this.#origin = peer;
    this.#block = addressBlock(peer.address);
    socket.on('error', () => undefined);
    socket.once('close', () => {
      this.#onClose().then(this.#finished.resolve, this.#finished.reject);
    });
  }

  get block(): string {
    return this.#block;
  }

  get stage(): Stage {
    return this.#stage;
  }

  get isLoggedIn(): boolean {
    return this.#login !== undefined;
  }

  /** Resolves when it is over and everything about it was told. */
  get finished(): Promise<void> {
    return this.#finished.promise;
  }

  evict(): void {
    this.#isEvicted = true;
    this.#socket.destroy();
  }

  async serve(): Promise<void> {
    const { limits, admission, server } = this.#services;
    admission.add(this, this.#isProxy);
    const openingTimer = setTimeout(
      () => this.#openingOver.abort(),
      Math.min(OPENING_MS, limits.loginGraceMs),
    );
    this.#grace = setTimeout(() => this.#onGraceOver(), limits.loginGraceMs);
    const opening = await readOpening(this.#socket, {
      isProxy: this.#isProxy,
      onOrigin: (origin) => this.#moveTo(origin),
      timeUp: this.#openingOver.signal,
    });
    clearTimeout(openingTimer);
    if (!opening.ok) {
      this.#isProxyOwn = opening.error.isProxyOwn;
      this.#earlyEnd = opening.error;
      this.#farewell();
      return;
    }
    this.#isProxyOwn = opening.value.isProxyOwn;
    this.#clientSoftware = opening.value.clientSoftware;
    await this.#awaitTurn();
    this.#stage = 'key_exchange';
    if (!this.#socket.destroyed) injectIdentified(server, this.#socket);
  }

  async #awaitTurn(): Promise<void> {
    const delayMs = this.#services.handshakePace.delayMs(this.#block);
    // Cut short when the connection goes; the caller looks whether it is still there.
    if (delayMs > 0) await delay(delayMs, undefined, { signal: this.#closed.signal }).catch(() => undefined);
  }

  /** ssh2 has a connection for this socket. */
  attach(connection: Connection): void {
    const { authenticator, limits, publish, outlet, clock, logger } = this.#services;
    this.#connection = connection;
    connection.on('error', (error: Error) => this.#onError(error));
    const gate = new MessageGate();
    judgeMessages(connection, (payload) => gate.inspect(payload));
    connection.once('handshake', () => {
      if (this.#stage === 'key_exchange') this.#stage = 'authentication';
    });
    this.#authentication = new Authentication({
      connection,
      gate,
      authenticator,
      origin: this.#origin,
      clientSoftware: this.#clientSoftware ?? '',
      tries: limits.authenticationTries,
      closed: this.#closed.signal,
      publish,
      outlet,
      clock,
      logger,
      onAdmitted: (admitted) => this.#onAdmitted(admitted),
    });
    connection.once('ready', () => this.#onReady(connection));
  }

  /** Ends the connection because the gateway stops. */
  end(): void {
    this.#earlyEnd ??= { stage: this.#stage, reason: 'shutdown', detail: '' };
    this.#endReason ??= 'shutdown';
    if (this.#connection === undefined) this.#socket.destroy();
    else this.#disconnect(REASON_BY_APPLICATION, 'The gateway is stopping');
  }

  destroy(): void {
    this.#socket.destroy();
  }

  /** The proxy said whom it carries: from now on this is that client's connection. */
  #moveTo(origin: Origin): void {
    const { admission } = this.#services;
    admission.remove(this);
    this.#origin = origin;
    this.#block = addressBlock(origin.address);
    admission.add(this);
  }

  #onGraceOver(): void {
    this.#earlyEnd ??= { stage: this.#stage, reason: 'too_slow', detail: '' };
    if (this.#connection === undefined) this.#socket.destroy();
    else this.#disconnect(REASON_BY_APPLICATION, 'Login took too long');
  }

  #onError(error: Error): void {
    const level = 'level' in error ? error.level : undefined;
    if (level !== 'socket') {
      this.#earlyEnd ??= { stage: this.#stage, reason: 'protocol_error', detail: error.message };
    }
    this.#endReason ??=
      level === 'socket' ? 'connection_lost' : level === 'client-timeout' ? 'timeout' : 'protocol_error';
    this.#farewell();
  }

  #onAdmitted(admitted: Admitted): void {
    this.#admitted = admitted;
    if (this.#closed.signal.aborted) this.#endReason = 'connection_lost';
    clearTimeout(this.#grace);
    this.#services.admission.remove(this);
  }

  #onReady(connection: Connection): void {
    const admitted = this.#admitted;
    if (admitted === undefined) {
      this.destroy();
      return;
    }
    const { loginHandler, logger, clock } = this.#services;
    const { user, keyFingerprint, secondFactor } = admitted.identity;
    const login: Login = {
      id: admitted.loginId,
      userId: user.id,
      username: user.username,
      name: user.name,
      groups: user.groups,
      kind: user.kind,
      language: user.language,
      address: this.#origin.address,
      port: this.#origin.port,
      method: admitted.method,
      keyFingerprint,
      secondFactor,
      clientSoftware: this.#clientSoftware ?? '',
      target: admitted.name.target,
      connection,
      startedAt: clock(),
      closed: this.#closed.signal,
      noteEnd: (reason) => {
        this.#endReason ??= reason;
      },
    };
    this.#login = login;
    try {
      loginHandler.accept(login);
    } catch (error) {
      logger.error({ err: error, login: login.id }, 'a login could not be taken over');
      this.#endReason ??= 'internal_error';
      this.#disconnect(REASON_BY_APPLICATION, 'Internal error');
    }
  }

  async #onClose(): Promise<void> {
    const { admission, handshakePace, unauthenticated } = this.#services;
    clearTimeout(this.#grace);
    this.#openingOver.abort();
    admission.remove(this);
    this.#closed.abort();
    if (this.#isEvicted) unauthenticated.evicted({ origin: this.#origin, stage: this.#stage });
    await this.#authentication?.end();
    if (this.#admitted !== undefined) {
      this.#tellEnded(this.#admitted, this.#endReason ?? 'client');
      return;
    }
    if (this.#isProxyOwn) return;
    handshakePace.endedWithoutLogin(this.#block);
    if (this.#isEvicted || this.#authentication?.hasTold === true) return;
    const { stage, reason, detail } = this.#earlyEnd ?? { stage: this.#stage, reason: 'closed', detail: '' };
    const typedName = this.#authentication?.typedName;
    const clientSoftware = this.#clientSoftware;
    unauthenticated.ended({ stage, reason, detail, origin: this.#origin, typedName, clientSoftware });
  }

  #tellEnded({ loginId, identity }: Admitted, reason: string): void {
    const { outlet, clock } = this.#services;
    const { username } = identity.user;
    const durationMs = Math.round(monotonicClock() - this.#startedAtMs);
    void outlet.tell(
      makeEvent('login.ended', newId(), clock(), {
        user: username,
        address: this.#origin.address,
        port: this.#origin.port,
        channel: 'ssh',
        message: `The connection of ${username} ended: ${reason.replaceAll('_', ' ')}`,
        data: { login: loginId, reason, durationMs },
      }),
    );
  }

  #disconnect(reason: number, text: string): void {
    if (this.#connection === undefined) return;
    try {
      disconnect(this.#connection, reason, text);
    } catch {
      // Too broken for a farewell.
    }
    this.#farewell();
  }

  /** Lets what was written leave, then ends the socket; not for long. */
  #farewell(): void {
    const socket = this.#socket;
    socket.destroySoon();
    const timer = setTimeout(() => socket.destroy(), FAREWELL_MS);
    socket.once('close', () => clearTimeout(timer));
  }
}
