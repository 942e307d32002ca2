import { resizeContent } from '#recording/content.ts';
import type { RecordingWriter } from '#recording/recorder.ts';
import type { ChannelPort, ExitReport, Part } from '../wire/channel-port.ts';
import type { AssetChannel } from './asset-channel.ts';
import type { Gate, OpenGate } from './gate.ts';
import type { PersonChannel } from './person-channel.ts';
import { RecordedFlow } from './recorded-flow.ts';

export interface RelayOptions {
  readonly person: PersonChannel;
  readonly asset: AssetChannel;
  readonly writer: RecordingWriter;
  readonly openGate: OpenGate;
  readonly frozen: boolean;
  /** Something was typed or shown. */
  readonly touched: () => void;
  /** Nothing can be recorded any more. */
  readonly recordingFailed: (error: unknown) => void;
  /** The asset broke the flow control rules. */
  readonly assetViolation: (what: string) => void;
  /** Both ends are through with the channel. */
  readonly ended: (by: 'client' | 'asset') => void;
}

/** More input than this in the hands of the gate, and the person's window stays shut. */
const MAX_HELD_BYTES = 256 * 1024;
/** How long a finished command may take to say how it ended. */
const LAST_STATUS_MS = 5_000;

/**
 * One channel between a person and an asset. Every byte passes the gate, is recorded, and only then goes on.
 * Each side's window is opened again when its bytes have left at the other side, so a slow reader holds its
 * writer back and costs no memory.
 */
export class Relay {
  readonly #options: RelayOptions;
  readonly #person: ChannelPort;
  readonly #asset: ChannelPort;
  readonly #gate: Gate;
  readonly #toPerson: RecordedFlow;
  readonly #toAsset: RecordedFlow;
  readonly #owedToAsset = new Debt((count) => this.#asset.consumed(count));
  readonly #owedToPerson = new Debt((count) => this.#person.consumed(count));
  #held: Buffer[] | undefined;
  #stopped = false;
  /** Whoever cuts it takes down the rest. */
  #isCut = false;
  #ended = false;
  #eofPassedOn = false;
  #afterLastStatus: (() => void) | undefined;

  constructor(options: RelayOptions) {
    this.#options = options;
    const { person, asset, writer } = options;
    this.#person = person.port;
    this.#asset = asset.port;
    if (options.frozen) this.#held = [];
    const failed = (error: unknown): void => {
      this.stop();
      options.recordingFailed(error);
    };
    this.#toPerson = new RecordedFlow({
      writer,
      kinds: { data: 'output', stderr: 'error' },
      forward: (bytes, part, release) => this.#person.send(bytes, part === 'stderr' ? part : 'data', release),
      failed,
    });
    this.#toAsset = new RecordedFlow({
      writer,
      kinds: { data: 'input', stderr: 'input' },
      forward: (bytes, _part, release) => this.#asset.send(bytes, 'data', release),
      failed,
    });
    this.#gate = options.openGate({
      toAsset: (bytes, secret) => this.#toAsset.push(bytes, secret === true ? 'secret' : 'data'),
      toPerson: (bytes) => this.#toPerson.push(bytes, 'data'),
    });
    person.listen({
      data: (bytes) => this.#fromPerson(bytes),
      eof: () => this.#personEnded(),
      closed: () => this.#personClosed(),
      sent: (count) => {
        this.#owedToAsset.pay(count);
        if (this.#toPerson.idle && this.#person.queuedBytes === 0) this.#owedToAsset.payAll();
      },
    });
    asset.listen({
      data: (bytes, part) => this.#fromAsset(bytes, part),
      eof: () =>
        this.#toPerson.whenIdle(() => {
          if (person.comesBack) return;
          this.#eofPassedOn = true;
          this.#person.sendEof();
        }),
      closed: () => this.#assetClosed(),
      sent: (count) => {
        this.#owedToPerson.pay(count);
        this.#payPersonWhenQuiet();
      },
      violation: options.assetViolation,
    });
  }

  #fromAsset(bytes: Buffer, part: Part): void {
    if (this.#stopped) return;
    this.#options.touched();
    this.#owedToAsset.add(bytes.length);
    // Standard error is not part of any screen: a channel with a terminal has none.
    if (part === 'stderr') this.#toPerson.push(bytes, part);
    else this.#gate.fromAsset(this.#gate.usesBytesAtOnce === true ? bytes : Buffer.from(bytes));
  }

  #fromPerson(bytes: Buffer): void {
    if (this.#stopped) return;
    if (this.#held !== undefined) {
      this.#held.push(bytes);
      return;
    }
    this.#options.touched();
    this.#owedToPerson.add(bytes.length);
    this.#gate.fromPerson(bytes);
    this.#payPersonWhenQuiet();
  }

  /** What the gate dropped leaves no trace on the way out: it is paid for when nothing is under way. */
  #payPersonWhenQuiet(): void {
    const held = this.#gate.heldBytes ?? 0;
    if (held < MAX_HELD_BYTES && this.#toAsset.idle && this.#asset.queuedBytes === 0)
      this.#owedToPerson.payAll();
  }

  #personEnded(): void {
    this.#gate.personEnded(() => this.#toAsset.whenIdle(() => this.#asset.sendEof()));
  }

  #personClosed(): void {
    if (this.#isCut) return;
    this.stop();
    this.#asset.finish(undefined);
    this.#end('client');
  }

  #assetClosed(): void {
    this.#toPerson.whenIdle(() => {
      if (this.#stopped) return;
      this.#gate.close();
      this.#end('asset');
    });
  }

  #end(by: 'client' | 'asset'): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#options.ended(by);
    this.#afterLastStatus?.();
  }

  /** How it ended on the asset; undefined when the asset went away without a word. */
  get exit(): ExitReport | undefined {
    return this.#options.asset.exit;
  }

  resize(columns: number, rows: number, width: number, height: number): void {
    if (this.#stopped) return;
    this.#gate.resize(columns, rows);
    // The recorder's own failure comes through the flows; a lost resize alone shows nobody anything.
    this.#options.writer.write('resize', resizeContent(columns, rows)).then(
      () => {
        if (!this.#stopped) this.#options.asset.resize(columns, rows, width, height);
      },
      () => undefined,
    );
  }

  signal(name: string): void {
    this.#options.asset.signal(name);
  }

  sendBreak(lengthMs: number): void {
    this.#options.asset.sendBreak(lengthMs);
  }

  /**
   * The person's client closes the channel. When that is because everything was sent both ways, the asset still
   * has to say how the command ended: resolves when it has, or took too long.
   */
  lastStatus(): Promise<void> | undefined {
    if (!this.#eofPassedOn || this.#stopped || this.#person.closeSent) return undefined;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, LAST_STATUS_MS);
    timer.unref();
    this.#afterLastStatus = () => {
      clearTimeout(timer);
      // The status is sent by whoever waits for the end of the relay: let that happen first.
      setImmediate(resolve);
    };
    if (this.#ended) this.#afterLastStatus();
    return promise;
  }

  /** A line from the gateway within a session: recorded like everything the person sees. */
  say(text: string): void {
    if (this.#options.person.pty === null) this.#toPerson.push(Buffer.from(`${text}\n`), 'stderr');
    else this.#toPerson.push(Buffer.from(`\r\n${text}\r\n`), 'data');
  }

  freeze(): void {
    this.#held ??= [];
  }

  thaw(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const bytes of held) this.#fromPerson(bytes);
  }

  /** Nothing passes any more, in either direction. */
  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#toPerson.stop();
    this.#toAsset.stop();
    this.#gate.close();
  }

  /** Stops and says why. A person who does not read does not hold the cut up. */
  cut(lastWords: string): void {
    this.#isCut = true;
    this.stop();
    this.#options.person.cut(lastWords);
  }

  /** After the cut: these words are ours and show nothing of the asset, so they did not wait for the recorder. */
  recordLastWords(lastWords: string): void {
    const { person, writer } = this.#options;
    writer.write(person.pty === null ? 'error' : 'output', Buffer.from(lastWords)).catch(() => undefined);
  }
}

/** Received bytes whose window has not been given back yet. */
class Debt {
  readonly #pay: (count: number) => void;
  #owed = 0;

  constructor(pay: (count: number) => void) {
    this.#pay = pay;
  }

  add(count: number): void {
    this.#owed += count;
  }

  pay(count: number): void {
    const part = Math.min(count, this.#owed);
    if (part === 0) return;
    this.#owed -= part;
    this.#pay(part);
  }

  payAll(): void {
    this.pay(this.#owed);
  }
}
