import type { EventRecord } from '#contract/event.ts';
import type { LiveSession } from '#control/control.ts';
import type { Permission } from '#domain/access/decide.ts';
import type { CommandJudge } from '#domain/command/verdict.ts';
import { printable } from '#lib/printable.ts';
import type { RecordingWriter } from '#recording/recorder.ts';
import type { Login } from '../login.ts';
import { messagesFor, type Messages } from '../messages.ts';
import type { UpstreamTarget } from '../upstream/target.ts';
import type { ExitReport } from '../wire/channel-port.ts';
import { ActivityLimits, type LimitKind } from './activity-limits.ts';
import { AssetLink, type OpenChannel } from './asset-link.ts';
import type { OpenGate } from './gate.ts';
import { during } from './open-failure.ts';
import type { PersonChannel } from './person-channel.ts';
import { Relay } from './relay.ts';
import type { GatewayServices } from './services.ts';
import { closeSession, insertSession, type EndReason } from './session-rows.ts';

/** How a channel of a session ended. `exit` is undefined when the asset went away without a word. */
export type ChannelEnd =
  | { readonly by: 'asset'; readonly exit: ExitReport | undefined }
  | { readonly by: 'client' | 'cut' };

/** One for all: making an error is the most expensive part of an abort. */
const SESSION_OVER = new DOMException('The session is over.', 'AbortError');

export interface AssetSessionOptions {
  readonly services: GatewayServices;
  readonly login: Login;
  readonly groups: readonly string[];
  readonly target: UpstreamTarget;
  readonly permission: Permission;
  readonly frozen: boolean;
  /** Something was typed or shown in it. */
  readonly touched: () => void;
  readonly ended: (session: AssetSession) => void;
}

interface OpenedChannel {
  readonly writer: RecordingWriter;
  readonly relay: Relay;
  readonly done: PromiseWithResolvers<ChannelEnd>;
}

/** Words for the person who is cut off, for a terminal or for standard error. */
export type LastWords = (hasTerminal: boolean) => string;

/** One user on one account of one asset: a row, a connection to the asset, and channels that share it. */
export class AssetSession {
  readonly id: string;
  readonly target: UpstreamTarget;
  readonly permission: Permission;
  readonly startedAt: number;
  readonly #options: AssetSessionOptions;
  readonly #messages: Messages;
  readonly #link: AssetLink;
  readonly #abort = new AbortController();
  readonly #people = new Map<PersonChannel, OpenedChannel | undefined>();
  readonly #limits: ActivityLimits;
  #rules: CommandJudge | undefined;
  #rulesVersion = 0;
  #begun: Promise<void> | undefined;
  #inserted = false;
  #active = false;
  #frozen: boolean;
  #lastEnd: 'asset' | undefined;
  #endReason: EndReason | undefined;
  /** Recordings and the row being closed; a drain waits for it. */
  readonly #closing = new Set<Promise<unknown>>();

  constructor(options: AssetSessionOptions) {
    const { services, login, target } = options;
    this.#options = options;
    this.id = services.newId(services.clock());
    this.target = target;
    this.permission = options.permission;
    this.startedAt = services.clock();
    this.#frozen = options.frozen;
    this.#messages = messagesFor(login.language);
    this.#link = new AssetLink({
      services,
      target,
      who: { user: login.username, session: this.id },
      signal: this.#abort.signal,
      lost: () => this.#connectionLost(),
    });
    this.#limits = new ActivityLimits({
      idleMs: services.limits.idleMs,
      totalMs: services.limits.sessionMs,
      clock: services.monotonicClock,
      warn: (kind, seconds) => this.#warn(kind, seconds),
      expired: (kind) => this.#expired(kind),
    });
  }

  /**
   * Rules as they are now; what is judged by `judge` from here on is judged by them. Rules of an older policy
   * than those in use are not taken.
   */
  useRules(judge: CommandJudge, version: number): void {
    if (version < this.#rulesVersion) return;
    this.#rules = judge;
    this.#rulesVersion = version;
  }

  readonly judge: CommandJudge = {
    judge: (line, definitions) => this.#currentRules.judge(line, definitions),
    judgeInput: (line) => this.#currentRules.judgeInput(line),
  };

  get #currentRules(): CommandJudge {
    if (this.#rules === undefined) throw new Error('a session was opened without its rules');
    return this.#rules;
  }

  /** A line was denied: what the recording has must be on the disk. */
  syncRecording(person: PersonChannel): void {
    // A failure comes through the flows of the channel.
    this.#people
      .get(person)
      ?.writer.sync()
      .catch(() => undefined);
  }

  gateFailed(why: 'line-not-cleared' | 'audit-failed'): void {
    const { services } = this.#options;
    services.logger.warn({ session: this.id, why }, 'a command line could not be handled; its session ends');
    const text = why === 'audit-failed' ? this.#messages.auditFailed() : this.#messages.lineNotCleared();
    this.cut(plainWords(text), why === 'audit-failed' ? 'stream' : 'command');
  }

  get isEnded(): boolean {
    return this.#endReason !== undefined;
  }

  get channelCount(): number {
    return this.#people.size;
  }

  get people(): readonly PersonChannel[] {
    return [...this.#people.keys()];
  }

  /** Counts the person in while a channel opens: whoever looks again at permissions, or cuts, must find them. */
  join(person: PersonChannel): void {
    if (!this.isEnded) this.#people.set(person, undefined);
  }

  leave(person: PersonChannel): void {
    this.#people.delete(person);
  }

  /** How the last channel ended, when it was not the client who ended it. */
  get lastEnd(): 'asset' | undefined {
    return this.#lastEnd;
  }

  live(): LiveSession {
    const { login, groups } = this.#options;
    return {
      id: this.id,
      state: this.#active ? 'active' : 'setup',
      userId: login.userId,
      username: login.username,
      groups,
      address: login.address,
      port: login.port,
      keyFingerprint: login.keyFingerprint,
      asset: this.target.asset,
      account: this.target.account,
      protocol: 'ssh',
      startedAt: this.startedAt,
      channels: [...this.#people.keys()].map((person) =>
        person.command === null ? person.kind : `${person.kind}: ${printable(person.command, 200)}`,
      ),
    };
  }

  /** Fields that every event of this session has. */
  eventFields(): {
    readonly user: string;
    readonly address: string;
    readonly port: number;
    readonly asset: string;
    readonly account: string;
    readonly session: string;
  } {
    const { username, address, port } = this.#options.login;
    const { asset, account } = this.target;
    return { user: username, address, port, asset, account, session: this.id };
  }

  /**
   * Makes the session and what is about to be opened in it known, durably, before anything opens. The row and
   * `session.started` come once, with the first channel.
   */
  async begin(events: readonly EventRecord[]): Promise<void> {
    const { services } = this.#options;
    if (this.#begun !== undefined) {
      await this.#begun;
      await during('stream', () => services.events.require(events));
      return;
    }
    this.#begun = this.#insertAndAnnounce(events);
    await this.#begun;
  }

  async #insertAndAnnounce(events: readonly EventRecord[]): Promise<void> {
    const { services, login } = this.#options;
    const { grant, mode } = this.permission;
    const { firstVisit } = await during('state', () =>
      insertSession(services.state, {
        id: this.id,
        userId: login.userId,
        username: login.username,
        asset: this.target.asset,
        account: this.target.account,
        address: login.address,
        port: login.port,
        clientSoftware: login.clientSoftware,
        node: services.node,
        grantName: grant ?? '',
        startedAt: this.startedAt,
      }),
    );
    this.#inserted = true;
    const started = services.events.make('session.started', {
      ...this.eventFields(),
      data: {
        protocol: 'ssh',
        login: login.id,
        clientSoftware: login.clientSoftware,
        grant,
        mode,
        firstVisit,
      },
    });
    await during('stream', () => services.events.require([started, ...events]));
  }

  /**
   * Records, connects, and relays until the channel of somebody who has joined has ended. Throws an OpenFailure or UpstreamFailure when it
   * could not be opened.
   */
  async run(person: PersonChannel, openGate: OpenGate): Promise<ChannelEnd> {
    const { services, login } = this.#options;
    if (this.isEnded) return { by: 'cut' };
    const over = Promise.withResolvers<void>();
    this.#awaitBeforeSettled(over.promise);
    let writer: RecordingWriter | undefined;
    try {
      writer = await during('recording', () =>
        services.recorder.start({
          recordingId: services.newId(services.clock()),
          sessionId: this.id,
          channelId: person.id,
          kind: person.kind,
          user: login.username,
          asset: this.target.asset,
          account: this.target.account,
          address: login.address,
          command: person.command,
          terminal:
            person.pty === null
              ? null
              : { columns: person.pty.columns, rows: person.pty.rows, type: person.pty.term },
          startedAt: services.clock(),
        }),
      );
      if (this.isEnded || person.port.isClosed) return { by: this.isEnded ? 'cut' : 'client' };
      const opened = await this.#link.open(person);
      if (this.isEnded || person.port.isClosed) {
        opened.asset.close();
        return { by: this.isEnded ? 'cut' : 'client' };
      }
      return await this.#relay(person, opened, writer, openGate);
    } catch (error) {
      // What was cut while it opened fails as well, for no other reason.
      if (this.isEnded) return { by: 'cut' };
      throw error;
    } finally {
      this.#people.delete(person);
      if (writer !== undefined) this.#finishRecording(writer);
      over.resolve();
    }
  }

  async #relay(
    person: PersonChannel,
    { asset, columns, rows }: OpenChannel,
    writer: RecordingWriter,
    openGate: OpenGate,
  ): Promise<ChannelEnd> {
    const done = Promise.withResolvers<ChannelEnd>();
    const { touched } = this.#options;
    const relay = new Relay({
      person,
      asset,
      writer,
      openGate,
      frozen: this.#frozen,
      touched: () => {
        this.#limits.touch();
        touched();
      },
      recordingFailed: (error) => this.#recordingFailed(error),
      assetViolation: (what) => this.#assetViolation(what),
      ended: (by) => done.resolve(by === 'client' ? { by } : { by, exit: relay.exit }),
    });
    this.#people.set(person, { writer, relay, done });
    this.#active = true;
    const { pty } = person;
    // The window may have been resized while the channel was opened.
    if (pty !== null && (pty.columns !== columns || pty.rows !== rows))
      relay.resize(pty.columns, pty.rows, pty.width, pty.height);
    const end = await done.promise;
    this.#lastEnd = end.by === 'asset' ? 'asset' : undefined;
    return end;
  }

  relayOf(person: PersonChannel): Relay | undefined {
    return this.#people.get(person)?.relay;
  }

  freeze(): void {
    this.#frozen = true;
    for (const opened of this.#people.values()) opened?.relay.freeze();
  }

  thaw(): void {
    this.#frozen = false;
    for (const opened of this.#people.values()) opened?.relay.thaw();
  }

  /** Ends the session now: when this returns nothing passes any more, and the person has been told. */
  cut(words: LastWords, reason: EndReason): void {
    if (this.isEnded) return;
    const { services, ended } = this.#options;
    const people = [...this.#people];
    this.#stop(reason);
    for (const [person, opened] of people) {
      const text = words(person.pty !== null);
      if (opened === undefined) person.cut(text);
      else opened.relay.cut(text);
    }
    const endedAt = services.clock();
    this.#awaitBeforeSettled(
      services.takeDowns.turn().then(() => {
        this.#link[Symbol.dispose]();
        for (const [person, opened] of people) {
          opened?.relay.recordLastWords(words(person.pty !== null));
          opened?.done.resolve({ by: 'cut' });
        }
        this.#closeRow(reason, endedAt);
      }),
    );
    ended(this);
  }

  /** Ends a session whose channels are over, or whose client is gone. */
  end(reason: EndReason): void {
    if (this.isEnded) return;
    const people = [...this.#people.values()];
    this.#stop(reason);
    this.#link[Symbol.dispose]();
    for (const opened of people) opened?.done.resolve({ by: 'cut' });
    this.#closeRow(reason, this.#options.services.clock());
    this.#options.ended(this);
  }

  /** From here on nothing passes; the connection to the asset is still there. */
  #stop(reason: EndReason): void {
    this.#endReason = reason;
    this.#limits[Symbol.dispose]();
    for (const opened of this.#people.values()) opened?.relay.stop();
    this.#abort.abort(SESSION_OVER);
  }

  #closeRow(reason: EndReason, endedAt: number): void {
    if (this.#begun === undefined) return;
    const { services } = this.#options;
    const closing = this.#begun
      .catch(() => undefined)
      .then(async () => {
        if (this.#inserted) await closeSession(services.state, this.id, reason, endedAt);
      })
      .catch((error: unknown) => {
        services.logger.error({ err: error, session: this.id }, 'a session row could not be closed');
      });
    this.#awaitBeforeSettled(closing);
  }

  /** Resolves when the recordings are finished and the row is closed. */
  async settled(): Promise<void> {
    while (this.#closing.size > 0) await Promise.all(this.#closing);
  }

  #awaitBeforeSettled(work: Promise<unknown>): void {
    this.#closing.add(work);
    void work.finally(() => this.#closing.delete(work));
  }

  #finishRecording(writer: RecordingWriter): void {
    const { services } = this.#options;
    const finishing = writer.finish(this.#endReason ?? 'closed').catch((error: unknown) => {
      services.logger.error({ err: error, session: this.id }, 'a recording could not be finished');
    });
    this.#awaitBeforeSettled(finishing);
  }

  #warn(kind: LimitKind, seconds: number): void {
    const text = kind === 'idle' ? this.#messages.idleWarning(seconds) : this.#messages.limitWarning(seconds);
    for (const [person, opened] of this.#people) {
      // Only where a person reads along: in the output of a command the words would be data.
      if (person.pty !== null && person.kind === 'shell') opened?.relay.say(text);
    }
  }

  #expired(kind: LimitKind): void {
    const text = kind === 'idle' ? this.#messages.idleEnded() : this.#messages.limitEnded();
    this.cut(plainWords(text), kind === 'idle' ? 'idle' : 'limit');
  }

  #recordingFailed(error: unknown): void {
    // The recorder itself publishes `recording.failed`: it knows the recording and why.
    const { services } = this.#options;
    services.logger.error({ err: error, session: this.id }, 'a recording failed; its session ends');
    this.cut(plainWords(this.#messages.recordingFailed()), 'recording');
  }

  #assetViolation(what: string): void {
    const { services } = this.#options;
    services.logger.warn({ session: this.id, what }, 'an asset broke the SSH protocol; its session ends');
    this.cut(plainWords(this.#messages.connectionLost(this.target.asset)), 'asset');
  }

  #connectionLost(): void {
    // Channels end by themselves, each after its last byte; without any there is nothing left to wait for.
    if (this.#people.size === 0) this.end('asset');
  }
}

export function plainWords(text: string): LastWords {
  return (hasTerminal) => (hasTerminal ? `\r\n\x1b[33m${text}\x1b[0m\r\n` : `${text}\n`);
}
