import type { GrantMode } from '#contract/resources/grant.ts';
import type { CommandJudge, CommandJudgement } from '#domain/command/verdict.ts';
import type { MonotonicClock } from '#lib/time.ts';
import { foregroundOf, type Foreground } from './foreground.ts';
import { KeystrokeLine } from './keystroke-line.ts';
import { readInputLine, sameText, unansweredReading, type LineReading } from './line-reader.ts';
import { RoundTrip } from './round-trip.ts';
import { looksLikeShellPrompt, Prompts } from './prompts.ts';
import { Screen } from './screen.ts';

/** A line that was about to be run, and what was decided. */
export interface JudgedLine {
  /** Empty when it was typed without echo: then it is nobody's business. */
  readonly line: string;
  readonly judgement: CommandJudgement;
  /** Who reads the line: a shell, or something else as far as one can tell. */
  readonly reader: 'shell' | 'unknown';
  /** Screen and keys said different things; both were judged. */
  readonly mismatch: { readonly shown: string; readonly typed: string } | null;
  /** Neither screen nor keys gave a line; the judgement is what the mode says about that. */
  readonly unreadable: boolean;
  readonly hidden: boolean;
}

/** Why the channel must end: nothing the person types can be let through safely any more. */
export type GateFailure = 'line-not-cleared' | 'audit-failed';

export interface ShellGateOptions {
  readonly judge: CommandJudge;
  readonly mode: GrantMode;
  readonly columns: number;
  readonly rows: number;
  readonly now: MonotonicClock;
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
  fromPerson(bytes: Buffer): void;
  fromAsset(bytes: Buffer): void;
  resize(columns: number, rows: number): void;
  personEnded(done: () => void): void;
  close(): void;
}

export function createShellGate(options: ShellGateOptions): (output: ShellGateOutput) => ShellGate {
  return (output) => new Gate(options, output);
}

/** What the gate is doing with input. */
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
  /** A denied line is being cleared; input is thrown away. */
  | 'clearing'
  | 'ended';

const CR = 0x0d;
const LF = 0x0a;
const CTRL_O = 0x0f;
const CTRL_C = 0x03;
const CTRL_Z = 0x1a;
const CTRL_BACKSLASH = 0x1c;
const CTRL_D = 0x04;
const LINE_FEED = Buffer.of(LF);
const PASTE_END = '\u001B[201~';

/** At least this long the screen may take to show what was typed. */
const MIN_ECHO_WAIT_MS = 300;
const MAX_ECHO_WAIT_MS = 2_000;
/** How long the line may take to be cleared. */
const MIN_CLEAR_WAIT_MS = 2_000;
const RETRY_CLEAR_MS = 500;
/** After a denied paste: the rest of it may still be under way. */
const PASTE_QUIET_MS = 150;

class Gate implements ShellGate {
  readonly #options: ShellGateOptions;
  readonly #output: ShellGateOutput;
  readonly #screen: Screen;
  readonly #keys = new KeystrokeLine();
  readonly #prompts = new Prompts();
  readonly #roundTrip: RoundTrip;
  #state: State = 'flowing';
  #queue: Buffer[] = [];
  #personEnded: (() => void) | undefined;

  /** A key of the current line was forwarded. */
  #lineOpen = false;
  /** Left of the cursor when the first key was typed. */
  #prompt = '';
  #foreground: Foreground = 'shell';
  /** Lines before this one that the shell wants continued, and the prompt they began at. */
  #continued: { readonly text: string; readonly prompt: string } | undefined;
  #echoSeen = false;
  /** Prompts at which echo was seen, so the first key need not be hidden. */
  readonly #echoing = new Prompts();

  #heldByte = CR;
  #lastKeyAt = Number.NEGATIVE_INFINITY;
  #lineEndAt = Number.NEGATIVE_INFINITY;
  #outputSinceLineEnd = true;
  #clearing: { readonly line: string; readonly until: number } | undefined;
  #outputSinceClear = false;
  #discardUntil = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: ShellGateOptions, output: ShellGateOutput) {
    this.#options = options;
    this.#output = output;
    this.#screen = new Screen(options.columns, options.rows);
    this.#roundTrip = new RoundTrip(options.now);
  }

  fromPerson(bytes: Buffer): void {
    if (this.#state === 'ended' || bytes.length === 0) return;
    const now = this.#options.now();
    if (this.#state === 'clearing' && !this.#outputSinceClear) {
      // Sent before anybody could have seen the answer: still the paste that was stopped.
      this.#discardUntil = Number.POSITIVE_INFINITY;
      return;
    }
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
    this.#outputSinceLineEnd = true;
    this.#outputSinceClear = true;
    if (this.#state === 'holding') this.#screen.settle(() => this.#evaluate());
    else if (this.#state === 'awaiting-prompt') this.#screen.settle(() => this.#checkPrompt());
    else if (this.#state === 'clearing') this.#screen.settle(() => this.#checkCleared());
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
    this.#queue = [];
    clearTimeout(this.#timer);
    this.#screen.dispose();
  }

  /** Forwards what may go, up to the next line end. */
  #pump(): void {
    while (this.#state === 'flowing') {
      const next = this.#takeUpToStop();
      if (next === undefined) {
        this.#reportEnd();
        return;
      }
      if (this.#needsLook()) {
        this.#queue.unshift(next.all);
        this.#look();
        continue;
      }
      if (next.keys.length > 0) this.#forwardKeys(next.keys);
      if (next.stop !== undefined) this.#stopAt(next.stop);
    }
  }

  #reportEnd(): void {
    const done = this.#personEnded;
    this.#personEnded = undefined;
    done?.();
  }

  /** The bytes before the next key that ends a line or empties it, and that key. */
  #takeUpToStop():
    | { readonly all: Buffer; readonly keys: Buffer; readonly stop: number | undefined }
    | undefined {
    const head = this.#queue.shift();
    if (head === undefined) return undefined;
    const at = head.findIndex(isStop);
    if (at < 0) return { all: head, keys: head, stop: undefined };
    if (at + 1 < head.length) this.#queue.unshift(head.subarray(at + 1));
    return { all: head.subarray(0, at + 1), keys: head.subarray(0, at), stop: head[at] };
  }

  /** Before the first key of a line, and while a program reads, the screen must tell who reads now. */
  #needsLook(): boolean {
    if (this.#keys.inPaste) return false;
    if (!this.#lineOpen) return this.#lookedFor !== this.#lineNumber;
    return this.#foreground === 'program' && this.#screen.hasPending;
  }

  #lineNumber = 0;
  #lookedFor = -1;

  #look(): void {
    if (!this.#lineOpen && this.#mustAwaitPrompt()) {
      this.#state = 'awaiting-prompt';
      this.#arm(this.#lineEndAt + this.#echoWaitMs(), () => this.#resumeLook());
      this.#screen.settle(() => this.#checkPrompt());
      return;
    }
    this.#resumeLook();
  }

  #resumeLook(): void {
    this.#disarm();
    this.#state = 'looking';
    this.#screen.settle(() => {
      if (this.#state !== 'looking') return;
      this.#lookAtPrompt();
      this.#state = 'flowing';
      this.#pump();
    });
  }

  /**
   * Whole lines wait behind the one that was just run (a paste): the next is read best at its own prompt.
   * Single keys typed ahead are not held, and neither is what a program reads.
   */
  #mustAwaitPrompt(): boolean {
    if (this.#foreground === 'program' || this.#options.mode === 'observe') return false;
    if (this.#options.now() >= this.#lineEndAt + this.#echoWaitMs()) return false;
    return this.#queue.some((bytes) => bytes.some(isLineEnd)) && !this.#promptHasCome();
  }

  #checkPrompt(): void {
    if (this.#state === 'awaiting-prompt' && this.#promptHasCome()) this.#resumeLook();
  }

  #promptHasCome(): boolean {
    if (!this.#outputSinceLineEnd) return false;
    const before = this.#screen.beforeCursor();
    return this.#prompts.isKnown(before) || (this.#continued !== undefined && before.trim() !== '');
  }

  #lookAtPrompt(): void {
    if (!this.#lineOpen && !this.#outputSinceLineEnd) {
      // The asset has not even answered the last line end: what is on the screen belongs to the line before.
      this.#lookedFor = this.#lineNumber;
      return;
    }
    const before = this.#screen.beforeCursor();
    if (this.#lineOpen) {
      // A program ended by a key that is no line end (`q` in a pager): what follows is a new line.
      if (!this.#prompts.isKnown(before) || this.#screen.isAlternate) return;
      this.#keys.reset();
    }
    this.#lookedFor = this.#lineNumber;
    // Behind a known prompt may stand a line that the shell offers (Ctrl-O): that is input, not prompt.
    this.#prompt = this.#prompts.startOf(before) ?? before;
    const isKnown = this.#prompts.isKnown(this.#prompt);
    this.#echoSeen = isKnown || this.#echoing.isKnown(this.#prompt);
    if (isKnown) {
      if (this.#continued === undefined || samePrompt(this.#prompt, this.#continued.prompt))
        this.#foreground = 'shell';
    } else if (
      this.#foreground === 'shell' &&
      this.#continued === undefined &&
      looksLikeShellPrompt(before)
    ) {
      this.#prompts.learn(before);
    }
  }

  #forwardKeys(keys: Buffer): void {
    this.#noteEcho();
    this.#lineOpen = true;
    this.#keys.feed(keys);
    this.#lastKeyAt = this.#options.now();
    this.#roundTrip.sent();
    this.#output.toAsset(keys, this.#isSecret());
  }

  /** Whether what was typed before is on the screen: then this line is echoed. */
  #noteEcho(): void {
    if (this.#echoSeen || this.#keys.isEmpty || this.#screen.hasPending) return;
    const line = this.#screen.cursorLine();
    const behind = line.slice(Math.min(line.length, this.#prompt.length));
    if (this.#keys.sure && behind !== '' && !isMask(behind) && sameText(behind, this.#keys.text))
      this.#markEchoed();
  }

  #markEchoed(): void {
    this.#echoSeen = true;
    this.#echoing.learn(this.#prompt);
  }

  #isSecret(): boolean {
    if (this.#echoSeen) return false;
    // A program on the second screen draws what it likes; nobody types secrets there unseen.
    return !(this.#foreground === 'program' && this.#screen.isAlternate);
  }

  #stopAt(byte: number): void {
    if (isLineEnd(byte)) {
      this.#hold(byte);
      return;
    }
    this.#forwardByte(byte);
    if (byte === CTRL_D && !(this.#keys.sure && this.#keys.isEmpty)) {
      this.#keys.feed(Buffer.of(byte));
      return;
    }
    // The line is gone, or the shell is.
    this.#continued = undefined;
    this.#beginLine(false);
  }

  #forwardByte(byte: number): void {
    this.#output.toAsset(Buffer.of(byte), false);
  }

  #beginLine(prefilled: boolean): void {
    this.#keys.reset();
    if (prefilled) this.#keys.markUnsure();
    this.#lineOpen = false;
    this.#lineNumber += 1;
    this.#echoSeen = false;
    this.#prompt = '';
    this.#lineEndAt = this.#options.now();
    this.#outputSinceLineEnd = false;
  }

  #hold(byte: number): void {
    this.#heldByte = byte;
    if (this.#keys.inPaste && this.#screen.marksPastes && this.#foreground !== 'program') {
      this.#judgeInsidePaste();
      return;
    }
    this.#state = 'holding';
    this.#screen.settle(() => this.#evaluate());
  }

  /**
   * Inside a marked paste a line end is text: nothing runs and nothing is shown before the paste is over. The
   * keys are known for sure, so a forbidden line is stopped here; the whole is judged at the end.
   */
  #judgeInsidePaste(): void {
    const text = this.#withContinued(this.#keys.text);
    const judgement = this.#options.judge.judge(text);
    if (judgement.verdict === 'deny' && this.#options.mode !== 'observe') {
      this.#conclude({
        line: this.#keys.text,
        judgement,
        reader: 'shell',
        mismatch: null,
        unreadable: false,
        hidden: false,
      });
      return;
    }
    this.#keys.addLineEnd();
    this.#lastKeyAt = this.#options.now();
    this.#forwardByte(this.#heldByte);
  }

  /** Reads the held line, and decides when it can be read or has had its time. */
  #evaluate(): void {
    if (this.#state !== 'holding') return;
    const reading = this.#outputSinceLineEnd
      ? readInputLine(this.#screen, this.#keys, this.#prompt, this.#prompts)
      : unansweredReading(this.#keys);
    const audience = this.#audienceOf(reading);
    const waitUntil = this.#lastKeyAt + this.#echoWaitMs();
    const waited = this.#options.now() >= waitUntil || this.#options.mode === 'observe';
    if (!reading.agreed && !waited && !(audience === 'program' && this.#screen.isAlternate)) {
      this.#arm(waitUntil, () => this.#screen.settle(() => this.#evaluate()));
      return;
    }
    this.#disarm();
    if (reading.agreed && reading.typed !== '') this.#markEchoed();
    if (audience === 'program') this.#judgeInput(reading);
    else this.#judgeLine(reading, audience);
  }

  /** Who will get the line. */
  #audienceOf(reading: LineReading): 'shell' | 'maybe' | 'program' {
    if (reading.atShellPrompt) return 'shell';
    if (this.#foreground === 'shell') return 'shell';
    if (this.#foreground === 'program') {
      return looksLikeShellPrompt(this.#prompt) && !this.#screen.isAlternate ? 'maybe' : 'program';
    }
    return this.#screen.isAlternate ? 'program' : 'maybe';
  }

  #judgeLine(reading: LineReading, audience: 'shell' | 'maybe'): void {
    const { shown, typed, agreed } = reading;
    const hidden = this.#wasHidden(reading);
    // Nothing shown where something was typed: not echoed, so the keys are all there is.
    const blank = shown?.trim() === '' && typed !== undefined && typed.trim() !== '';
    const usable = hidden || blank ? undefined : shown;
    if (usable === undefined && typed === undefined) {
      this.#judgeUnreadable();
      return;
    }
    const line = usable ?? typed ?? '';
    if (line.trim() === '' && (typed ?? '').trim() === '' && this.#continued === undefined) {
      this.#release();
      return;
    }
    let judgement = this.#judgeContinued(line, reading);
    const differ = !agreed && usable !== undefined && typed !== undefined && !sameText(usable, typed);
    if (differ) judgement = stricter(judgement, this.#judgeContinued(typed, reading));
    const atPrompt = reading.atShellPrompt || looksLikeShellPrompt(this.#prompt);
    this.#learnFrom(reading);
    this.#conclude({
      line: hidden ? '' : line,
      judgement,
      reader:
        audience === 'shell' && (atPrompt || this.#foreground === 'shell') && !hidden ? 'shell' : 'unknown',
      mismatch: differ && !hidden ? { shown: usable, typed } : null,
      unreadable: false,
      hidden,
    });
  }

  /** A line that goes on from the one before is judged together with it. */
  #judgeContinued(line: string, reading: LineReading): CommandJudgement {
    const continued = this.#continued;
    if (continued === undefined) return this.#options.judge.judge(line);
    const joined = this.#options.judge.judge(this.#withContinued(line));
    // The shell asks at its first prompt again: it had not taken the line before as unfinished, or both
    // prompts look alike.
    const again = samePrompt(reading.prompt ?? this.#prompt, continued.prompt);
    return again ? stricter(joined, this.#options.judge.judge(line)) : joined;
  }

  #withContinued(line: string): string {
    return this.#continued === undefined ? line : `${this.#continued.text}\n${line}`;
  }

  /** Typed, not shown, and not at a prompt where the shell is known to show it. */
  #wasHidden({ shown, typed, agreed, atShellPrompt }: LineReading): boolean {
    if (agreed || atShellPrompt || this.#echoSeen) return false;
    if (typed === undefined || typed === '') return false;
    return shown === undefined || shown.trim() === '' || isMask(shown) || !containsText(shown, typed);
  }

  #learnFrom(reading: LineReading): void {
    const { prompt } = reading;
    if (prompt === undefined || !reading.agreed || this.#foreground !== 'shell') return;
    if (this.#continued === undefined && prompt.trim() !== '') this.#prompts.learn(prompt);
  }

  #judgeUnreadable(): void {
    const reading = { programs: [], dynamic: false, unparsable: true, incomplete: false, unread: true };
    const message = 'The line could not be read.';
    const verdict = this.#options.mode === 'observe' ? 'allow' : 'deny';
    this.#conclude({
      line: '',
      judgement: { verdict, rule: null, matched: null, message, reading },
      reader: 'shell',
      mismatch: null,
      unreadable: true,
      hidden: false,
    });
  }

  /** A line for a program: told, and judged by what rules say about text. */
  #judgeInput(reading: LineReading): void {
    const line = reading.typed ?? '';
    // Keys in a full-screen program are not lines.
    if (this.#screen.isAlternate || line === '') {
      this.#release();
      return;
    }
    const hidden = this.#wasHidden(reading);
    this.#conclude({
      line: hidden ? '' : line,
      judgement: this.#options.judge.judgeInput(line),
      reader: 'unknown',
      mismatch: null,
      unreadable: false,
      hidden,
    });
  }

  /** Makes the decision known, then carries it out. */
  #conclude(judged: JudgedLine): void {
    this.#state = 'judging';
    const denied = judged.judgement.verdict === 'deny' && this.#options.mode !== 'observe';
    const known = this.#options.onJudged(judged.hidden ? withoutText(judged) : judged);
    if (this.#options.mode === 'observe') {
      known.catch(() => this.#fail('audit-failed'));
      this.#allowed(judged);
      return;
    }
    known.then(
      () => {
        if (this.#state !== 'judging') return;
        if (denied) this.#deny(judged);
        else this.#allowed(judged);
      },
      () => this.#fail('audit-failed'),
    );
  }

  #allowed(judged: JudgedLine): void {
    const { judgement, line, reader, hidden } = judged;
    if (!hidden && judgement.verdict !== 'deny' && reader === 'shell') this.#noteRun(line, judgement);
    else if (
      !hidden &&
      reader === 'unknown' &&
      this.#foreground === 'unknown' &&
      judgement.reading.programs.length > 0
    )
      this.#foreground =
        foregroundOf(judgement.reading.programs) === 'program' ? 'unknown' : this.#foreground;
    this.#release();
  }

  #noteRun(line: string, { reading }: CommandJudgement): void {
    if (reading.incomplete) {
      this.#continued = {
        text: this.#withContinued(line).slice(-MAX_CONTINUED),
        prompt: this.#continued?.prompt ?? this.#prompt,
      };
      return;
    }
    this.#continued = undefined;
    this.#foreground = foregroundOf(reading.programs);
  }

  /** Lets the held line end go. */
  #release(): void {
    this.#roundTrip.sent();
    this.#forwardByte(this.#heldByte);
    // Ctrl-O runs the line and fetches the next one from history.
    this.#beginLine(this.#heldByte === CTRL_O);
    this.#state = 'flowing';
    this.#pump();
  }

  #deny(judged: JudgedLine): void {
    const { judgement } = judged;
    const text = this.#options.denialText?.(judgement) ?? defaultDenialText(judgement);
    this.#output.toPerson(Buffer.from(`\r\n\u001B[31m${text}\r\n\u001B[0m`));
    // A line feed behind a carriage return belongs to the same key.
    const behind = Buffer.concat(this.#queue);
    const wasPaste = (behind.length > 0 && !behind.equals(LINE_FEED)) || this.#keys.inPaste;
    this.#queue = [];
    this.#continued = undefined;
    // Inside a marked paste even Ctrl-C would be text.
    if (this.#keys.inPaste) this.#output.toAsset(Buffer.from(PASTE_END), false);
    this.#forwardByte(CTRL_C);
    this.#outputSinceClear = false;
    if (wasPaste) this.#discardUntil = Number.POSITIVE_INFINITY;
    this.#state = 'clearing';
    const until = this.#options.now() + Math.max(MIN_CLEAR_WAIT_MS, 4 * this.#roundTrip.estimateMs);
    this.#clearing = { line: this.#keys.text === '' ? judged.line : this.#keys.text, until };
    this.#armClearing(until);
  }

  /** Shells that are interrupted while they draw can miss it, so it is said once more. */
  #armClearing(until: number): void {
    this.#arm(this.#options.now() + RETRY_CLEAR_MS, () => {
      this.#forwardByte(CTRL_C);
      this.#arm(until, () => this.#screen.settle(() => this.#clearingExpired()));
    });
  }

  #checkCleared(): void {
    if (this.#state !== 'clearing' || !this.#isCleared()) return;
    this.#disarm();
    const now = this.#options.now();
    if (this.#discardUntil === Number.POSITIVE_INFINITY) this.#discardUntil = now + PASTE_QUIET_MS;
    this.#clearing = undefined;
    this.#beginLine(false);
    this.#outputSinceLineEnd = true;
    this.#state = 'flowing';
    this.#pump();
  }

  /** The cursor stands behind a prompt and nothing else. */
  #isCleared(): boolean {
    if (!this.#outputSinceClear || this.#screen.hasPending) return false;
    const before = this.#screen.beforeCursor();
    const line = this.#screen.cursorLine();
    if (this.#prompts.isKnown(before)) return line.trimEnd() === before.trimEnd();
    const denied = this.#clearing?.line ?? '';
    if (looksLikeShellPrompt(before)) return line.trimEnd() === before.trimEnd();
    return this.#foreground !== 'shell' && (denied === '' || !containsText(line, denied));
  }

  #clearingExpired(): void {
    if (this.#state !== 'clearing') return;
    if (this.#isCleared()) this.#checkCleared();
    else this.#fail('line-not-cleared');
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

const MAX_CONTINUED = 65_536;
const SEVERITY: Readonly<Record<CommandJudgement['verdict'], number>> = { deny: 2, warn: 1, allow: 0 };

function stricter(left: CommandJudgement, right: CommandJudgement): CommandJudgement {
  return SEVERITY[right.verdict] > SEVERITY[left.verdict] ? right : left;
}

/** What was typed unseen may be a password: neither the line nor what was read in it is told. */
function withoutText(judged: JudgedLine): JudgedLine {
  const { judgement } = judged;
  return {
    ...judged,
    line: '',
    judgement: { ...judgement, reading: { ...judgement.reading, programs: [] } },
  };
}

function isLineEnd(byte: number): boolean {
  return byte === CR || byte === LF || byte === CTRL_O;
}

/** Keys behind which the line is another one. */
function isStop(byte: number): boolean {
  return isLineEnd(byte) || byte === CTRL_C || byte === CTRL_Z || byte === CTRL_BACKSLASH || byte === CTRL_D;
}

function isMask(text: string): boolean {
  return /^[*•·●]+$/.test(text.trim());
}

function containsText(text: string, part: string): boolean {
  return text.replaceAll(/\s+/g, '').includes(part.replaceAll(/\s+/g, ''));
}

function samePrompt(left: string, right: string): boolean {
  return left.trimEnd() === right.trimEnd();
}

function defaultDenialText({ matched, message }: CommandJudgement): string {
  const what = printable(matched ?? '');
  const first = what === '' ? (message ?? 'This line is forbidden') : `Command \`${what}\` is forbidden`;
  return message === null || what === '' ? first : `${first}\r\n${printable(message)}`;
}

/** Nothing that a terminal would act on. */
function printable(text: string): string {
  return text.replaceAll(/\p{C}/gu, '?').slice(0, 200);
}
