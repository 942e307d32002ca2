import type { ServerChannel } from 'ssh2';
import type { LiveSession } from '#control/control.ts';
import { decide, type AccessKind } from '#domain/access/decide.ts';
import { isEnvironmentAllowed } from '#domain/access/environment.ts';
import type { LockSubject } from '#domain/access/locks.ts';
import { printable } from '#lib/printable.ts';
import type { Login } from '../login.ts';
import { messagesFor, type Messages } from '../messages.ts';
import { holdCloses, listenForBreaks, localChannelId, refuseChannels } from '../wire/channel-request.ts';
import { connectionWire, type ConnectionWire } from '../wire/connection-wire.ts';
import { startRekeying } from '../wire/rekeying.ts';
import { ActivityLimits } from './activity-limits.ts';
import { plainWords, type AssetSession, type LastWords } from './asset-session.ts';
import { currentSubject, judgeFor } from './authorize.ts';
import {
  answerGlobalRequests,
  answerSessionRequests,
  type ChannelControls,
  type StartRequest,
} from './client-requests.ts';
import type { ChannelHost, SessionHooks } from './channel-host.ts';
import { hangUp, untilClosed } from './hang-up.ts';
import { PersonChannel } from './person-channel.ts';
import { Refusals } from './refusals.ts';
import { runChannel } from './run-channel.ts';
import type { GatewayServices } from './services.ts';
import type { EndReason } from './session-rows.ts';

/** Open channels of one connection. */
const MAX_CHANNELS = 64;
/** How long whoever cuts a connection waits for the client to take its last words and hang up. */
const HANG_UP_MS = 100;

export interface LoginConnectionOptions {
  readonly services: GatewayServices;
  readonly login: Login;
  readonly ended: (connection: LoginConnection) => void;
}

/** A person who is logged in: everything on one connection, from the first moment until it is gone. */
export class LoginConnection implements ChannelHost {
  readonly login: Login;
  readonly services: GatewayServices;
  readonly messages: Messages;
  readonly #wire: ConnectionWire;
  readonly #people = new Map<number, PersonChannel>();
  readonly #sessions = new Map<string, AssetSession>();
  readonly #allSessions = new Set<AssetSession>();
  readonly #refusals: Refusals;
  readonly #rekeying: Disposable;
  readonly #ended: (connection: LoginConnection) => void;
  #lobby: ActivityLimits | undefined;
  #groups: readonly string[];
  readonly #channelsClosed = Promise.withResolvers<void>();
  #hangingUp: Promise<void> | undefined;
  #menus = 0;
  #openChannels = 0;
  #frozen = false;
  #endReason: EndReason | undefined;
  /** What is said to whoever opens something on a connection that has ended. */
  #lastWords: LastWords = () => '';

  constructor(options: LoginConnectionOptions) {
    const { login, services } = options;
    this.login = login;
    this.services = services;
    this.messages = messagesFor(login.language);
    this.#ended = options.ended;
    this.#groups = login.groups;
    const { connection } = login;
    this.#wire = connectionWire(connection);
    this.#wire.socket.setNoDelay?.(true);
    this.#rekeying = startRekeying(this.#wire);

    this.#refusals = new Refusals({
      services,
      login,
      groups: () => this.#groups,
      tooMany: () => this.#violation('too many requests for what is not available'),
    });
    refuseChannels(this.#wire, ({ type }) => this.#refuseChannel(type));
    listenForBreaks(this.#wire, (channel, lengthMs) => this.#relayOf(channel)?.sendBreak(lengthMs));
    holdCloses(this.#wire, (channel) => this.#relayOf(channel)?.lastStatus());
    connection.on('session', (accept) => {
      const session = accept();
      this.#openChannels += 1;
      session.once('close', () => {
        this.#openChannels -= 1;
      });
      answerSessionRequests(session, {
        start: (request, controls) => this.#start(request, controls),
        refused: (kind, name, channel) => this.#refuse(kind, name, channel),
        environmentAllowed: (name) => this.#environmentAllowed(name),
      });
    });
    answerGlobalRequests(connection, (name) =>
      this.#refusals.note(name.includes('streamlocal') ? 'forward-unix' : 'forward-remote', name),
    );
    if (login.closed.aborted) this.#closed();
    else login.closed.addEventListener('abort', () => this.#closed(), { once: true });
    this.#watchLobby();
  }

  get isEnded(): boolean {
    return this.#endReason !== undefined;
  }

  /** Sessions to assets; while there is none, the login itself. */
  live(): readonly LiveSession[] {
    if (this.isEnded) return [];
    if (this.#sessions.size > 0) return [...this.#sessions.values()].map((session) => session.live());
    const { login } = this;
    return [
      {
        id: login.id,
        state: this.#menus > 0 ? 'menu' : 'setup',
        userId: login.userId,
        username: login.username,
        groups: this.#groups,
        address: login.address,
        port: login.port,
        keyFingerprint: login.keyFingerprint,
        asset: null,
        account: null,
        protocol: 'ssh',
        startedAt: login.startedAt,
        channels: [...this.#people.values()].map((person) => person.kind),
      },
    ];
  }

  get sessions(): readonly AssetSession[] {
    return [...this.#sessions.values()];
  }

  /** What a lock is compared with, for the connection as a whole or for one of its sessions. */
  lockSubject(session?: AssetSession): LockSubject {
    const { username, address, keyFingerprint } = this.login;
    return {
      username,
      groups: this.#groups,
      address,
      keyFingerprint,
      asset: session?.target.asset ?? null,
      account: session?.target.account ?? null,
      session: session?.id ?? this.login.id,
    };
  }

  /** The session to a target: the open one, or a new one. Undefined once the connection has ended. */
  sessionFor(key: string, make: (hooks: SessionHooks) => AssetSession): AssetSession | undefined {
    if (this.isEnded) return undefined;
    const open = this.#sessions.get(key);
    if (open !== undefined) return open;
    const session = make({
      groups: this.#groups,
      frozen: this.#frozen,
      touched: () => this.#lobby?.touch(),
      ended: (ended) => this.#sessionEnded(key, ended),
    });
    this.#sessions.set(key, session);
    this.#allSessions.add(session);
    this.#watchLobby();
    return session;
  }

  openSession(key: string): AssetSession | undefined {
    return this.#sessions.get(key);
  }

  #sessionEnded(key: string, session: AssetSession): void {
    if (this.#sessions.get(key) === session) this.#sessions.delete(key);
    void session.settled().then(() => this.#allSessions.delete(session));
    this.#watchLobby();
  }

  /** While no session watches its own limits, the idle limit holds for the connection. */
  #watchLobby(): void {
    if (this.isEnded || this.#sessions.size > 0) {
      this.#lobby?.[Symbol.dispose]();
      this.#lobby = undefined;
      return;
    }
    this.#lobby ??= new ActivityLimits({
      idleMs: this.services.limits.idleMs,
      totalMs: this.services.limits.sessionMs,
      clock: this.services.monotonicClock,
      warn: () => undefined,
      expired: (kind) => {
        const text = kind === 'idle' ? this.messages.idleEnded() : this.messages.limitEnded();
        void this.cut(plainWords(text), kind === 'idle' ? 'idle' : 'limit');
      },
    });
  }

  touch(): void {
    this.#lobby?.touch();
  }

  menuOpened(): Disposable {
    this.#menus += 1;
    return {
      [Symbol.dispose]: () => {
        this.#menus -= 1;
      },
    };
  }

  #relayOf(channel: number): ReturnType<AssetSession['relayOf']> {
    const person = this.#people.get(channel);
    if (person === undefined) return undefined;
    for (const session of this.#sessions.values()) {
      const relay = session.relayOf(person);
      if (relay !== undefined) return relay;
    }
    return undefined;
  }

  #start(request: StartRequest, controls: ChannelControls): void {
    const id = localChannelId(request.channel);
    const person = new PersonChannel({
      ...request,
      id: this.services.newId(this.services.clock()),
      wire: this.#wire,
      closed: () => {
        this.#people.delete(id);
        if (this.isEnded && this.#people.size === 0) this.#channelsClosed.resolve();
      },
      violation: (what) => this.#violation(what),
    });
    this.#people.set(id, person);
    this.touch();
    if (this.isEnded) {
      person.say(this.#lastWords(false).trim());
      person.end(255);
      return;
    }
    runChannel(this, person, controls).catch((error: unknown) => {
      this.services.logger.error({ err: error, login: this.login.id }, 'a channel failed');
      person.say(this.messages.stateUnavailable());
      person.end(255);
    });
  }

  /** Every other channel type, and too many of the known one. */
  #refuseChannel(type: string): string | undefined {
    if (this.isEnded) return this.#lastWords(false).trim();
    if (type === 'session')
      return this.#openChannels >= MAX_CHANNELS ? this.messages.tooManyChannels() : undefined;
    this.#refusals.note(type.includes('streamlocal') ? 'forward-unix' : 'forward-local', type);
    return this.messages.notSupported(printable(type, 64));
  }

  #refuse(kind: AccessKind, name: string, channel: ServerChannel | undefined): void {
    this.#refusals.note(kind, name);
    if (channel === undefined) return;
    const person = new PersonChannel({
      id: this.services.newId(this.services.clock()),
      kind: 'exec',
      command: null,
      pty: null,
      environment: new Map(),
      channel,
      wire: this.#wire,
      closed: () => undefined,
      violation: (what) => this.#violation(what),
    });
    person.say(this.messages.notSupported(printable(name, 64)));
    person.end(1);
  }

  #environmentAllowed(name: string): boolean {
    // The list is configuration and cannot change while we run, so the answer needs no waiting.
    return isEnvironmentAllowed(name, this.services.environment);
  }

  freeze(): void {
    if (this.#frozen) return;
    this.#frozen = true;
    for (const session of this.#sessions.values()) session.freeze();
  }

  thaw(): void {
    if (!this.#frozen) return;
    this.#frozen = false;
    for (const session of this.#sessions.values()) session.thaw();
  }

  get isFrozen(): boolean {
    return this.#frozen;
  }

  /**
   * Looks again whether what is open is still permitted, ends what is not, and takes up changed rules. Locks
   * are left out: by their mode they let live sessions go on, hold their input, or cut them, and whoever
   * applies them sees to that.
   */
  async recheck(): Promise<void> {
    const { services, login } = this;
    const { version } = services.policy;
    const [subject, policy] = await Promise.all([currentSubject(services, login), services.policy.current()]);
    this.#groups = subject?.groups ?? [];
    // A second factor is demanded when something is opened; nobody is thrown out because one came to be demanded.
    const asking = subject === undefined ? undefined : ({ ...subject, secondFactor: 'given' } as const);
    const facts = { ...policy.facts, locks: [] };
    for (const session of this.#sessions.values()) {
      const { asset, account } = session.target;
      const permitted = session.people.every(
        ({ kind }) =>
          asking !== undefined &&
          decide({ kind, subject: asking, asset, account, session: session.id, name: null }, facts)
            .verdict === 'allow',
      );
      if (!permitted || subject === undefined)
        session.cut(plainWords(this.messages.permissionWithdrawn()), 'permission');
      else session.useRules(judgeFor(policy, subject, session.target, session.permission.mode), version);
    }
  }

  #violation(what: string): void {
    this.services.logger.warn({ login: this.login.id, what }, 'a client broke the SSH protocol');
    void this.cut(plainWords(this.messages.protocolViolation()), 'protocol');
  }

  /**
   * Ends everything on this connection and then the connection. Nothing passes any more when this returns its
   * promise, which does not wait for a slow client to take its last words.
   */
  async cut(words: LastWords, reason: EndReason): Promise<void> {
    if (this.isEnded) return;
    this.#endReason = reason;
    this.#lastWords = words;
    this.login.noteEnd(reason);
    const inSession = new Set([...this.#sessions.values()].flatMap((session) => session.people));
    for (const session of this.sessions) session.cut(words, reason);
    for (const person of this.#people.values()) {
      if (inSession.has(person)) continue;
      person.cut(words(person.pty !== null));
    }
    // Whoever else is cut in the same go is told before this one is waited for.
    await Promise.resolve();
    await this.#hangUp();
    this.#release();
  }

  /** Ends the connection when one session was cut and nothing else is open on it. */
  async hangUpIfUnused(reason: EndReason): Promise<void> {
    if (this.isEnded || this.#sessions.size > 0 || this.#menus > 0) return;
    this.#endReason = reason;
    this.login.noteEnd(reason);
    await this.#hangUp();
    this.#release();
  }

  async #hangUp(): Promise<void> {
    const { closed, connection } = this.login;
    if (this.#people.size === 0) this.#channelsClosed.resolve();
    const { promise: channelsClosed } = this.#channelsClosed;
    this.#hangingUp = hangUp({ connection, socket: this.#wire.socket, closed, channelsClosed });
    await untilClosed(closed, HANG_UP_MS, this.#hangingUp);
  }

  #closed(): void {
    if (this.isEnded) return;
    this.#endReason = 'client';
    for (const session of this.#sessions.values()) session.end(session.lastEnd ?? 'client');
    this.#release();
  }

  #release(): void {
    this.#lobby?.[Symbol.dispose]();
    this.#lobby = undefined;
    this.#rekeying[Symbol.dispose]();
    this.#ended(this);
  }

  /** Resolves when recordings and rows of all its sessions are closed, and a cut connection is gone. */
  async settled(): Promise<void> {
    await Promise.all([this.#hangingUp, ...[...this.#allSessions].map((session) => session.settled())]);
  }
}
