import { barrierCost, mayCost } from './barrier-cost.ts';
import { Certainty } from './certainty.ts';
import { MAX_BARRIER_LENGTH, ModeSwitches } from './mode-switches.ts';
import { OutputScanner } from './output-scanner.ts';
import { thinSpan } from './thinning.ts';

/** What the emulator is to be given, in order. */
export type PendingItem =
  | { readonly kind: 'output'; readonly bytes: Buffer }
  | { readonly kind: 'size'; readonly columns: number; readonly rows: number }
  /** Output was thrown away here. */
  | { readonly kind: 'gap' };

/** More that cannot be thinned, and the oldest is thrown away: 200 ms of work for the emulator. */
const MAX_PENDING = 4 * 1024 * 1024;
/** The newest output, kept when older is thrown away: more than any program needs to draw a screen. */
const KEPT_BYTES = 256 * 1024;
const PIECE_BYTES = 64 * 1024;
/** An open span is thinned when it has grown to this, so that each byte is looked at about once. */
const THIN_OPEN_BYTES = 128 * 1024;
/** A span that has ended is thinned from this size on; less is interpreted as fast. */
const THIN_CLOSED_BYTES = 16 * 1024;
const MAX_STRING_BYTES = 4 * 1024;
const MIN_LOG_BYTES = 512;
const MAX_LOG_BYTES = MAX_PENDING + 2 * PIECE_BYTES;
/** Ends what is unfinished in the emulator's parser. */
const CANCEL = '\u0018';
/** Column and colours are unknown behind a gap; the next line starts afresh. */
const FRESH_LINE = '\u001B[0m\r\n';
const EMPTY: Buffer = Buffer.alloc(0);
const OPENING_BRACKET = 0x5b;

/**
 * Output that nobody has looked at yet. It is scanned as it comes, and what would scroll off the screen unseen
 * is left out at once (`thinSpan`), so that a flood costs little time and next to no memory. Where that cannot
 * be, the amount is capped, and what the emulator shows is unsure until the screen is drawn afresh.
 */
export class PendingOutput {
  #columns: number;
  #rows: number;
  readonly #scanner = new OutputScanner();
  readonly #modes = new ModeSwitches();
  readonly #certainty = new Certainty();
  /** What stands before the last change of size. */
  #closed: PendingItem[] = [];
  #closedBytes = 0;
  #log = EMPTY;
  #length = 0;
  /** The piece that is being scanned, and how much of it is in the log. */
  #piece = EMPTY;
  #copied = 0;
  /** Where in the log the line-local output behind the last barrier begins. */
  #spanStart = 0;
  #thinFrom = THIN_OPEN_BYTES;
  #barrierCost = 0;
  #onAlternateOnly = false;
  /** What was thrown away may have switched something that is not known here. */
  #lostSwitches = false;

  constructor(columns: number, rows: number) {
    this.#columns = columns;
    this.#rows = rows;
  }

  get isEmpty(): boolean {
    return this.#closed.length === 0 && this.#completeLength() === 0;
  }

  /** Output was thrown away, and the screen has not been drawn afresh since. */
  get isUnsure(): boolean {
    const { isAlternate, isInDoubt } = this.#modes;
    return !this.#certainty.isSure(isAlternate) || (this.#lostSwitches && isInDoubt);
  }

  /** Copies what it keeps. */
  push(bytes: Buffer): void {
    for (let at = 0; at < bytes.length; at += PIECE_BYTES)
      this.#pushPiece(bytes.subarray(at, at + PIECE_BYTES));
  }

  resize(columns: number, rows: number): void {
    if (columns === this.#columns && rows === this.#rows) return;
    this.#closeLog();
    if (this.#closed.at(-1)?.kind === 'size') this.#closed.pop();
    this.#closed.push({ kind: 'size', columns, rows });
    this.#columns = columns;
    this.#rows = rows;
    this.#modes.resized();
  }

  /** All that is pending, for the emulator to interpret. */
  take(): readonly PendingItem[] {
    this.#closeLog();
    const items = this.#closed;
    this.#closed = [];
    this.#closedBytes = 0;
    this.#barrierCost = 0;
    this.#modes.forget();
    this.#onAlternateOnly = this.#modes.isAlternate;
    return items;
  }

  /** What was taken is not on the screen any more. */
  screenLost(): void {
    this.#certainty.lost(false);
  }

  #pushPiece(piece: Buffer): void {
    this.#piece = piece;
    this.#copied = 0;
    this.#scanner.scan(piece, this.#onBarrier);
    this.#copyUpTo(piece.length);
    this.#piece = EMPTY;
    this.#dropString();
    const end = this.#length - this.#scanner.pending;
    if (end - this.#spanStart >= this.#thinFrom) this.#thin(end);
    if (this.#closedBytes + this.#length + this.#barrierCost > MAX_PENDING) this.#throwAway();
  }

  /** Nobody sees the content of a string, so that of a long one need not be kept. */
  #dropString(): void {
    const excess = this.#scanner.pending - MAX_STRING_BYTES;
    if (!this.#scanner.isInString || excess <= 0) return;
    const count = Math.min(excess, this.#length);
    this.#length -= count;
    this.#scanner.dropped(count);
  }

  readonly #onBarrier = (start: number, end: number): void => {
    const spanEnd = Math.max(0, this.#length + start - this.#copied);
    if (this.#isWorthThinning(spanEnd)) {
      this.#copyUpTo(start);
      this.#thin(spanEnd);
    }
    this.#read(start, end, spanEnd === this.#spanStart);
    this.#spanStart = this.#length + end - this.#copied;
    this.#thinFrom = THIN_OPEN_BYTES;
  };

  #isWorthThinning(end: number): boolean {
    const length = end - this.#spanStart;
    return length >= THIN_CLOSED_BYTES || (this.isUnsure && length > 2 * this.#rows);
  }

  #read(start: number, end: number, isDirect: boolean): void {
    const kind = start < 0 ? 0 : (this.#piece[start + 1] ?? 0);
    const final = this.#piece[end - 1] ?? 0;
    if (kind === OPENING_BRACKET && isPlacing(final) && !mayCost(final) && this.#certainty.isComplete) return;
    const { isLost, isDoubtful } = this.#scanner;
    if (isLost || end - start > MAX_BARRIER_LENGTH) {
      if (isLost ? isDoubtful : !opensString(kind)) this.#modes.doubt();
      this.#certainty.paused();
      return;
    }
    const barrier = this.#scanner.barrier;
    const modes = this.#modes;
    const cost = barrierCost(barrier, this.#columns, this.#rows);
    if (cost === undefined) this.#certainty.refused(modes.isAlternate);
    this.#barrierCost += cost ?? 0;
    const wasAlternate = modes.isAlternate;
    modes.apply(barrier, this.#rows);
    const { isAlternate, isOdd } = modes;
    this.#onAlternateOnly &&= isAlternate;
    if (!this.#certainty.isComplete || isAlternate !== wasAlternate)
      this.#certainty.apply(barrier, { wasAlternate, isAlternate, isOdd, isDirect });
  }

  #copyUpTo(end: number): void {
    const count = end - this.#copied;
    if (count <= 0) return;
    this.#reserve(count);
    this.#piece.copy(this.#log, this.#length, this.#copied, end);
    this.#length += count;
    this.#copied = end;
  }

  #reserve(count: number): void {
    const needed = this.#length + count;
    if (needed <= this.#log.length) return;
    const wanted = Math.min(MAX_LOG_BYTES, Math.max(2 * this.#log.length, MIN_LOG_BYTES));
    const log = Buffer.allocUnsafe(Math.max(needed, wanted));
    this.#log.copy(log, 0, 0, this.#length);
    this.#log = log;
  }

  /** Leaves out what will have scrolled off from the span that ends there. */
  #thin(end: number): void {
    this.#thinFrom = Math.max(THIN_OPEN_BYTES, 2 * (end - this.#spanStart));
    if (this.#modes.isOdd) return;
    const thinned = thinSpan(this.#log.subarray(this.#spanStart, end), this.#rows);
    if (thinned === undefined) return;
    const tailStart = this.#spanStart + thinned.tailStart;
    thinned.prefix.copy(this.#log, this.#spanStart);
    const target = this.#spanStart + thinned.prefix.length;
    this.#log.copyWithin(target, tailStart, this.#length);
    this.#length -= tailStart - target;
    this.#thinFrom = THIN_OPEN_BYTES;
    this.#certainty.screenful(this.#modes.isAlternate);
  }

  /** Ends the log; the begin of a character that is not whole yet stays for the next. */
  #closeLog(): void {
    const end = this.#length - this.#scanner.pending;
    if (this.#isWorthThinning(end)) this.#thin(end);
    const complete = this.#completeLength();
    if (complete === 0) return;
    const bytes = this.#log.subarray(0, complete);
    this.#closed.push({ kind: 'output', bytes });
    this.#certainty.paused();
    this.#closedBytes += complete;
    const rest = this.#log.subarray(complete, this.#length);
    if (this.#scanner.pending > rest.length) this.#scanner.cut();
    this.#log = Buffer.from(rest);
    this.#length = rest.length;
    this.#spanStart = 0;
    this.#thinFrom = THIN_OPEN_BYTES;
  }

  /** The emulator loses characters that are divided between two writes. */
  #completeLength(): number {
    return this.#length - incompleteCharacter(this.#log, this.#length);
  }

  /** All but the newest output; what it switched is switched again. */
  #throwAway(): void {
    const again = Buffer.from(`${CANCEL}${this.#modes.again}${FRESH_LINE}`, 'latin1');
    const kept = this.#barrierCost > MAX_PENDING / 2 ? 0 : this.#length - this.#startOfNewest();
    const isCut = kept < this.#scanner.pending;
    if (isCut) this.#scanner.interrupted();
    const span = isCut ? 0 : Math.min(kept, this.#length - this.#spanStart);
    this.#certainty.lost(this.#onAlternateOnly);
    this.#lostSwitches = this.#modes.isInDoubt;
    const size = this.#closed.findLast((item) => item.kind === 'size');
    this.#closed = size === undefined ? [{ kind: 'gap' }] : [{ kind: 'gap' }, size];
    this.#closedBytes = 0;
    this.#barrierCost = 0;
    this.#reserve(again.length);
    this.#log.copyWithin(again.length, this.#length - kept, this.#length);
    again.copy(this.#log);
    this.#length = again.length + kept;
    this.#spanStart = this.#length - span;
    this.#thinFrom = THIN_OPEN_BYTES;
  }

  /** The begin of a line, or else of a sequence, where there is one. */
  #startOfNewest(): number {
    const start = Math.max(0, this.#length - KEPT_BYTES);
    const newest = this.#log.subarray(start, this.#length);
    const line = newest.indexOf('\r\n', 0, 'latin1');
    if (line >= 0) return start + line + 2;
    const sequence = newest.indexOf('\u001B', 0, 'latin1');
    return sequence < 0 ? start : start + sequence;
  }
}

/** Final bytes of CSI sequences that place the cursor or erase, and switch nothing. */
const PLACING: ReadonlySet<number> = new Set(Buffer.from('ABEFHIJLMSTZabdefu'));

function isPlacing(final: number): boolean {
  return PLACING.has(final);
}

/** What stands behind ESC where a string begins. */
function opensString(byte: number): boolean {
  return STRINGS.has(byte);
}
const STRINGS: ReadonlySet<number> = new Set(Buffer.from('PX]^_'));

/** How many bytes at the end are a character in UTF-8 of which more is to come. */
function incompleteCharacter(bytes: Buffer, end: number): number {
  for (let count = 1; count <= Math.min(3, end); count += 1) {
    const byte = bytes[end - count] ?? 0;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) return count < lengthOfCharacter(byte) ? count : 0;
  }
  return 0;
}

function lengthOfCharacter(lead: number): number {
  if (lead >= 0xf8) return 1;
  if (lead >= 0xf0) return 4;
  return lead >= 0xe0 ? 3 : 2;
}
