import type { GrantMode } from '#contract/resources/grant.ts';
import type { CommandJudge, CommandJudgement, CommandReading } from '#domain/command/verdict.ts';
import type { MonotonicClock } from '#lib/time.ts';
import { Clearing } from './clearing.ts';
import { denialText } from './denial.ts';
import { firstReader } from './foreground.ts';
import { InputQueue, isLineEnd, KEY } from './input-queue.ts';
import { withoutText, type JudgedLine } from './judged-line.ts';
import { LineContext } from './line-context.ts';
import { RoundTrip } from './round-trip.ts';
import { Screen } from './screen.ts';
import { TerminalReports } from './terminal-reports.ts';

/** Why the channel must end: nothing the person types can be let through safely any more. */
export type GateFailure = 'line-not-cleared' | 'audit-failed';

export interface ShellGateOptions {
  readonly judge: CommandJudge;
  readonly mode: GrantMode;
  readonly columns: number;
  readonly rows: number;
  readonly now: MonotonicClock;
  /** The command the terminal was opened for; null or absent: a shell. It tells who reads first. */
  readonly started?: CommandReading | null;
  /** Makes the decision known. The line goes on only when the promise resolves: audit first. */
  readonly onJudged: (judged: JudgedLine) => Promise<void>;
  readonly mustEnd: (why: GateFailure) => void;
  /** Text for a person whose line was stopped. Default: ``Command `…` is forbidden``. */
  readonly denialText?: (judgement: CommandJudgement) => string;
}

export interface ShellGateOutput {
  /** `secret`: typed where nothing is echoed, as far as one can tell; must not be kept. */
  toAsset(bytes: Buffer, secret?: boolean): void;
  toPerson(bytes: Buffer): void;
}

/** Stands between a person's keys and the shell of an asset. Fits the gate port of a channel. */
export interface ShellGate {
  /** What is kept of the asset's bytes is copied. */
  readonly usesBytesAtOnce: true;
  /** Input that was neither forwarded nor thrown away. */
  readonly heldBytes: number;
  fromPerson(bytes: Buffer): void;
  fromAsset(bytes: Buffer): void;
  resize(columns: number, rows: number): void;
  /** Calls back when everything held has been decided. */
  personEnded(done: () => void): void;
  close(): void;
}

export function createShellGate(options: ShellGateOptions): (output: ShellGateOutput) => ShellGate {
  return (output) => new Gate(options, output);
}

type State =
  /** Input flows until a line end comes. */
  | 'flowing'
  /** The screen is being brought up to date before the first key of a line. */
  | 'looking'
  /** More lines are waiting (a paste); the prompt for the next one has not come. */
  | 'awaiting-prompt'
  /** A line end is held until the line can be read. */
  | 'holding'
  /** The decision is being written down. */
  | 'judging'
  /** A denied line is being cleared. */
  | 'clearing'
  | 'ended';

/** At least this long the screen may take to show what was typed. */
const MIN_ECHO_WAIT_MS = 300;
const MAX_ECHO_WAIT_MS = 2_000;
/** After a denied paste: the rest of it may still be under way. */
const PASTE_QUIET_MS = 150;

class Gate implements ShellGate {
  readonly usesBytesAtOnce = true;
  readonly #options: ShellGateOptions;
  readonly #output: ShellGateOutput;
  readonly #screen: Screen;
  readonly #context: LineContext;
  readonly #roundTrip: RoundTrip;
  readonly #queue = new InputQueue();
  readonly #reports = new TerminalReports();
  #state: State = 'flowing';
  #pumping = false;
  #timer: NodeJS.Timeout | undefined;
  #personEnded: (() => void) | undefined;
  /** A key of the current line was forwarded. */
  #lineOpen = false;
  /** The screen was looked at for the current line. */
  #looked = false;
  /** The key that is held, or ended the last line. */
  #lineEnd = 0;
  #lastKeyAt = Number.NEGATIVE_INFINITY;
  #lineEndAt = Number.NEGATIVE_INFINITY;
  /** The asset has sent something since the last line end. */
  #answered = true;
  #clearing: Clearing | undefined;
  /** Until then input is the rest of a paste that was stopped. */
  #discardUntil = Number.NEGATIVE_INFINITY;

  constructor(options: ShellGateOptions, output: ShellGateOutput) {
    this.#options = options;
    this.#output = output;
    this.#screen = new Screen(options.columns, options.rows);
    this.#context = new LineContext(this.#screen, options.judge, firstReader(options.started ?? null));
    this.#roundTrip = new RoundTrip(options.now);
  }

  get heldBytes(): number {
    return this.#queue.byteLength;
  }

  fromPerson(bytes: Buffer): void {
    if (this.#state === 'ended' || bytes.length === 0) return;
    if (this.#clearing?.answered === false) {
      // Sent before anybody could have seen the answer: still the paste that was stopped.
      this.#discardUntil = Number.POSITIVE_INFINITY;
      return;
    }
    const now = this.#options.now();
    if (now < this.#discardUntil) {
      if (this.#state !== 'clearing') this.#discardUntil = now + PASTE_QUIET_MS;
      return;
    }
    this.#queue.push(bytes);
    this.#pump();
  }

  fromAsset(bytes: Buffer): void {
    this.#output.toPerson(bytes);
    if (this.#state === 'ended') return;
    this.#screen.push(bytes);
    this.#roundTrip.answered();
    this.#answered = true;
    if (this.#state === 'holding') this.#screen.settle(() => this.#evaluate());
    else if (this.#state === 'awaiting-prompt') this.#screen.settle(() => this.#checkPrompt());
    else this.#clearing?.assetSent(bytes);
  }

  resize(columns: number, rows: number): void {
    if (this.#state !== 'ended') this.#screen.resize(columns, rows);
  }

  personEnded(done: () => void): void {
    this.#personEnded = done;
    this.#pump();
  }

  close(): void {
    this.#state = 'ended';
    this.#queue.discard();
    this.#disarm();
    this.#clearing?.cancel();
    this.#screen.dispose();
  }

  /** Forwards what may go, up to the next line end. Called by what it calls, too: then the outer one goes on. */
  #pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    while (this.#state === 'flowing' && !this.#queue.isEmpty) this.#step();
    this.#pumping = false;
    if (this.#state === 'flowing') this.#reportEnd();
  }

  #step(): void {
    if (this.#needsLook()) {
      this.#look();
      return;
    }
    const next = this.#queue.take();
    if (next === undefined) return;
    if (next.keys.length > 0) this.#forwardKeys(next.keys);
    if (next.stop !== undefined) this.#stopAt(next.stop);
  }

  #reportEnd(): void {
    const done = this.#personEnded;
    this.#personEnded = undefined;
    done?.();
  }

  /** Before the first key of a line, and while a program reads, the screen must tell who reads now. */
  #needsLook(): boolean {
    if (this.#context.keys.inPaste) return false;
    if (!this.#lineOpen) return !this.#looked;
    return this.#context.foreground === 'program' && this.#screen.hasPending;
  }

  #look(): void {
    if (!this.#lineOpen && this.#mustAwaitPrompt()) {
      this.#state = 'awaiting-prompt';
      this.#arm(this.#lineEndAt + this.#echoWaitMs(), () => this.#resumeLook());
      this.#screen.settle(() => this.#checkPrompt());
      return;
    }
    this.#resumeLook();
  }

  /**
   * Whole lines wait behind the one that was just run (a paste): the next is read best at its own prompt.
   * Single keys typed ahead are not held, and neither is what a program reads.
   */
  #mustAwaitPrompt(): boolean {
    if (this.#context.foreground === 'program' || this.#options.mode === 'observe') return false;
    if (this.#options.now() >= this.#lineEndAt + this.#echoWaitMs()) return false;
    return this.#queue.hasLineEnd;
  }

  #checkPrompt(): void {
    if (this.#state === 'awaiting-prompt' && this.#answered && this.#context.atKnownPrompt)
      this.#resumeLook();
  }

  #resumeLook(): void {
    this.#disarm();
    this.#state = 'looking';
    this.#screen.settle(() => {
      if (this.#state !== 'looking') return;
      if (this.#lineOpen) this.#context.lookAgain();
      // Without an answer, what is on the screen belongs to the line before.
      else if (this.#answered) this.#context.look();
      this.#looked = true;
      this.#state = 'flowing';
      this.#pump();
    });
  }

  #forwardKeys(bytes: Buffer): void {
    const keys = this.#context.keys.inPaste ? bytes : this.#reports.keysOf(bytes);
    if (keys.length === 0) {
      // The terminal answered a question of the asset: no key, and no line begins with it.
      this.#output.toAsset(bytes, false);
      return;
    }
    this.#context.typed(keys);
    this.#lineOpen = true;
    this.#lastKeyAt = this.#options.now();
    this.#roundTrip.sent();
    this.#output.toAsset(bytes, this.#context.isSecret);
  }

  #stopAt(byte: number): void {
    const { keys } = this.#context;
    keys.feed(this.#reports.rest());
    // Where lines are edited with vi keys, Ctrl-D sends them.
    const mayRun = byte === KEY.endOfInput && !keys.isEmpty && !keys.inPaste;
    if (isLineEnd(byte) || mayRun) {
      this.#hold(byte);
      return;
    }
    this.#forwardByte(byte);
    if (byte === KEY.endOfInput) this.#inputEnded();
    else this.#lineGone();
  }

  #inputEnded(): void {
    const { keys } = this.#context;
    if (keys.sure && keys.text === '') this.#lineGone();
    else keys.feed(Buffer.of(KEY.endOfInput));
  }

  /** The line is gone, or the shell is. */
  #lineGone(): void {
    this.#context.forget();
    this.#beginLine();
  }

  #forwardByte(byte: number): void {
    this.#output.toAsset(Buffer.of(byte), false);
  }

  #beginLine(): void {
    this.#lineOpen = false;
    this.#looked = false;
    this.#lineEndAt = this.#options.now();
    this.#answered = false;
  }

  #hold(byte: number): void {
    this.#lineEnd = byte;
    this.#state = 'holding';
    this.#screen.settle(() => this.#evaluate());
  }

  /** Between the marks of a paste, for a reader that has asked for such marks. */
  get #isInsidePaste(): boolean {
    const { keys, foreground } = this.#context;
    return keys.inPaste && this.#screen.marksPastes && foreground !== 'program';
  }

  /**
   * Inside a marked paste a line end is text: nothing runs and nothing is shown before the paste is over. The
   * keys are known for sure, so a forbidden line is stopped here; the whole is judged at the end.
   */
  #judgeInsidePaste(): void {
    const judged = this.#context.judgePasted();
    if (this.#isDenied(judged)) {
      this.#conclude(judged);
      return;
    }
    this.#context.keys.addLineEnd();
    this.#lastKeyAt = this.#options.now();
    this.#forwardByte(this.#lineEnd);
    this.#state = 'flowing';
    this.#pump();
  }

  /** Reads the held line, and decides when it can be read or has had its time. */
  #evaluate(): void {
    if (this.#state !== 'holding') return;
    if (this.#isInsidePaste) {
      this.#disarm();
      this.#judgeInsidePaste();
      return;
    }
    const { mode, now } = this.#options;
    const reading = this.#context.read(this.#answered);
    const audience = this.#context.audienceOf(reading);
    const waitUntil = this.#lastKeyAt + this.#echoWaitMs();
    const waitsForEcho = !(audience === 'program' && this.#screen.isAlternate) && mode !== 'observe';
    if (waitsForEcho && now() < waitUntil && !this.#context.isSettled(reading)) {
      this.#arm(waitUntil, () => this.#screen.settle(() => this.#evaluate()));
      return;
    }
    this.#disarm();
    const judged =
      audience === 'program'
        ? this.#context.judgeInput(reading)
        : this.#context.judgeCommand(reading, audience, mode === 'observe' ? 'allow' : 'deny');
    const runs = this.#lineEnd !== KEY.endOfInput || this.#context.keys.inViMode;
    if (judged === undefined || !(runs || this.#isDenied(judged))) this.#release();
    else this.#conclude(judged);
  }

  #isDenied({ judgement }: JudgedLine): boolean {
    return judgement.verdict === 'deny' && this.#options.mode !== 'observe';
  }

  /** Makes the decision known, then carries it out. Nothing is held for a mode that only observes. */
  #conclude(judged: JudgedLine): void {
    this.#state = 'judging';
    const known = this.#options.onJudged(judged.hidden ? withoutText(judged) : judged);
    const failed = (): void => this.#fail('audit-failed');
    if (this.#options.mode === 'observe') {
      known.catch(failed);
      this.#carryOut(judged);
      return;
    }
    known.then(() => this.#carryOut(judged), failed);
  }

  #carryOut(judged: JudgedLine): void {
    if (this.#state !== 'judging') return;
    if (this.#isDenied(judged)) {
      this.#deny(judged);
      return;
    }
    // Whether Ctrl-D has run the line is not known for sure: who reads next is not concluded from it.
    if (this.#lineEnd !== KEY.endOfInput) this.#context.noteRun(judged);
    this.#release();
  }

  /** Lets the held line end go. */
  #release(): void {
    this.#roundTrip.sent();
    this.#forwardByte(this.#lineEnd);
    if (this.#lineEnd === KEY.endOfInput) {
      this.#inputEnded();
      this.#state = 'flowing';
      this.#pump();
      return;
    }
    // Ctrl-O runs the line and fetches the next one from history.
    this.#context.begin(this.#lineEnd === KEY.runAndNext);
    this.#beginLine();
    this.#state = 'flowing';
    this.#pump();
  }

  #deny({ judgement, line }: JudgedLine): void {
    const text = this.#options.denialText?.(judgement) ?? denialText(judgement);
    const { keys } = this.#context;
    if (this.#queue.discard() || keys.inPaste) this.#discardUntil = Number.POSITIVE_INFINITY;
    this.#state = 'clearing';
    this.#clearing = new Clearing({
      screen: this.#screen,
      context: this.#context,
      now: this.#options.now,
      roundTripMs: this.#roundTrip.estimateMs,
      echoWaitMs: this.#echoWaitMs(),
      toAsset: (bytes) => this.#output.toAsset(bytes, false),
      toPerson: (bytes) => this.#output.toPerson(bytes),
      message: text,
      denied: keys.text === '' ? line : keys.text,
      cleared: () => this.#lineCleared(),
      failed: () => this.#fail('line-not-cleared'),
    });
  }

  #lineCleared(): void {
    this.#clearing = undefined;
    if (this.#discardUntil === Number.POSITIVE_INFINITY)
      this.#discardUntil = this.#options.now() + PASTE_QUIET_MS;
    this.#context.forget();
    this.#beginLine();
    this.#answered = true;
    this.#state = 'flowing';
    this.#pump();
  }

  #fail(why: GateFailure): void {
    if (this.#state === 'ended') return;
    this.close();
    this.#options.mustEnd(why);
  }

  #echoWaitMs(): number {
    return Math.min(MAX_ECHO_WAIT_MS, Math.max(MIN_ECHO_WAIT_MS, 3 * this.#roundTrip.estimateMs));
  }

  #arm(atMs: number, then: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(then, Math.max(1, atMs - this.#options.now()));
  }

  #disarm(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
