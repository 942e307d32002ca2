const BEL = 0x07;
const CAN = 0x18;
const SUB = 0x1a;
const ESC = 0x1b;
const DEL = 0x7f;
const OPENING_BRACKET = 0x5b;
/** First byte, in UTF-8, of the control characters 0x80 to 0x9f. */
const C1_LEAD = 0xc2;
const STRING_TERMINATOR = 0x9c;
/** Bytes of text, besides ESC, that do or may do more than change the line: C1, VT, FF, shift out, shift in. */
const SPECIAL = [C1_LEAD, 0x0b, 0x0c, 0x0e, 0x0f] as const;
const NEAR_BYTES = 48;
/** As much of a sequence as is remembered when it goes on in the next chunk. */
const MAX_HELD_LENGTH = 256;

/** Final bytes of the CSI sequences that change nothing but the line on which the cursor stands. */
const IS_LINE_LOCAL = new Uint8Array(256);
for (const final of 'mKCDGPX@') IS_LINE_LOCAL[final.charCodeAt(0)] = 1;

/** The states of the parser at vt100.net/emu/dec_ansi_parser, as far as they differ in where they end. */
type State =
  | 'text'
  | 'c1-lead'
  | 'escape'
  | 'escape-intermediate'
  | 'csi'
  /** Operating system command: ends at BEL, too. */
  | 'osc'
  | 'osc-c1-lead'
  /** Device control, application program and privacy strings. */
  | 'string'
  /** How the emulator goes on is not worth following; at the next ESC it is sure again. */
  | 'lost';

const AFTER_ESCAPE: Readonly<Partial<Record<number, State>>> = {
  0x50: 'string',
  0x58: 'string',
  [OPENING_BRACKET]: 'csi',
  0x5d: 'osc',
  0x5e: 'string',
  0x5f: 'string',
};
const AFTER_C1: Readonly<Partial<Record<number, State>>> = {
  0x90: 'string',
  0x98: 'string',
  0x9b: 'csi',
  0x9d: 'osc',
  0x9e: 'string',
  0x9f: 'string',
};

/** Gets the barriers of a chunk in order. A negative start: it began in the chunks before. */
export type OnBarrier = (start: number, end: number) => void;

/**
 * Follows output as the emulator's parser does and finds the barriers in it. What is no barrier is line-local:
 * printables, CR, LF, TAB, BS, control characters without effect, and those CSI sequences with plain parameters
 * that stay within the line.
 */
export class OutputScanner {
  #state: State = 'text';
  /** The sequence is ESC [ with nothing but parameters so far. */
  #isPlainCsi = false;
  /** The sequence must reach the emulator whatever it is: it completes or ends something that does. */
  #mustPass = false;
  #lastByte = 0;
  #isDoubtful = false;
  #held = '';
  #pending = 0;
  #bytes: Buffer = EMPTY;
  #start = 0;
  #end = 0;

  /** How many bytes at the end of what was scanned belong to an unfinished sequence. */
  get pending(): number {
    return this.#pending;
  }

  /** Within a string, whose content changes nothing on a screen. */
  get isInString(): boolean {
    return this.#state === 'osc' || this.#state === 'string';
  }

  /** Lost: the barrier that was found just now may be anything. */
  get isLost(): boolean {
    return this.#state === 'lost';
  }

  /** The emulator may have found a sequence where this lost its way. */
  get isDoubtful(): boolean {
    return this.#isDoubtful;
  }

  scan(bytes: Buffer, onBarrier: OnBarrier): void {
    this.#bytes = bytes;
    const specials = new NextSpecial(bytes);
    let at = this.#state === 'text' ? 0 : this.#sequence(-this.#pending, 0, onBarrier);
    for (;;) {
      at = specials.from(at);
      if (at >= bytes.length) break;
      at = this.#whole(at, onBarrier) ?? this.#sequence(at, at, onBarrier);
    }
    this.#bytes = EMPTY;
  }

  /** The barrier that was found just now, a character for each byte. To be asked from within `onBarrier`. */
  get barrier(): string {
    return this.#held + this.#bytes.toString('latin1', Math.max(0, this.#start), this.#end);
  }

  /** All that was scanned goes to the emulator. */
  cut(): void {
    this.#mustPass = this.#pending > 0;
  }

  /** Content of the unfinished string was thrown away. */
  dropped(count: number): void {
    this.#pending -= count;
  }

  /** The emulator is made to end the unfinished sequence. */
  interrupted(): void {
    if (this.#state !== 'text') this.#state = 'lost';
    this.#pending = 0;
  }

  /** The common things that begin here and end in this chunk. Undefined: it must be read byte for byte. */
  #whole(start: number, onBarrier: OnBarrier): number | undefined {
    const bytes = this.#bytes;
    const next = bytes[start + 1] ?? 0;
    if (bytes[start] === C1_LEAD) return next === 0 || isC1(next) ? undefined : start + 1;
    if (next !== OPENING_BRACKET) return undefined;
    let at = start + 2;
    while (isParameter(bytes[at] ?? 0)) at += 1;
    const final = bytes[at] ?? 0;
    if (IS_LINE_LOCAL[final] === 1 && !this.#mustPass) return at + 1;
    while (isIntermediate(bytes[at] ?? 0)) at += 1;
    return isFinal(bytes[at] ?? 0) ? this.#found(start, at + 1, onBarrier) : undefined;
  }

  /** From the first byte of a sequence, or from where its reading stopped, to its end. */
  #sequence(start: number, from: number, onBarrier: OnBarrier): number {
    const bytes = this.#bytes;
    for (let at = from; at < bytes.length; at += 1) {
      const byte = bytes[at] ?? 0;
      if (byte === ESC && (at > start || this.#state === 'lost')) {
        // Ends whatever it stands in, and begins something of its own.
        this.#found(start, at, onBarrier);
        this.#mustPass = true;
        return at;
      }
      if (this.#state === 'c1-lead' && !isC1(byte)) return this.#done(at);
      if (byte === OPENING_BRACKET && at === start + 1) this.#isPlainCsi = true;
      else if (!isParameter(byte)) this.#isPlainCsi &&= IS_LINE_LOCAL[byte] === 1;
      this.#state = after(this.#state, byte);
      if (this.#state === 'lost' && this.#lastByte === C1_LEAD && isC1(byte)) this.#isDoubtful = true;
      this.#lastByte = byte;
      if (this.#state !== 'text') continue;
      return this.#isPlainCsi && !this.#mustPass ? this.#done(at + 1) : this.#found(start, at + 1, onBarrier);
    }
    if (this.#state === 'lost') {
      this.#pending = 0;
      this.#tell(start, bytes.length, onBarrier);
    } else {
      this.#pending = bytes.length - start;
      this.#hold(start);
    }
    return bytes.length;
  }

  #hold(start: number): void {
    const from = Math.max(0, start);
    const room = MAX_HELD_LENGTH - this.#held.length;
    if (room > 0)
      this.#held += this.#bytes.toString('latin1', from, Math.min(from + room, this.#bytes.length));
  }

  #found(start: number, end: number, onBarrier: OnBarrier): number {
    this.#tell(start, end, onBarrier);
    return this.#done(end);
  }

  #tell(start: number, end: number, onBarrier: OnBarrier): void {
    this.#start = start;
    this.#end = end;
    onBarrier(start, end);
    this.#held = '';
  }

  #done(end: number): number {
    this.#state = 'text';
    this.#pending = 0;
    this.#mustPass = false;
    this.#isDoubtful = false;
    this.#held = '';
    return end;
  }
}

const EMPTY = Buffer.alloc(0);

/** Finds special bytes natively: each kind by itself, and again only when the place found is passed. */
class NextSpecial {
  readonly #bytes: Buffer;
  readonly #places: number[] = SPECIAL.map(() => -1);
  #rare = -1;
  #escape = -1;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  from(at: number): number {
    if (this.#rare < at) this.#rare = this.#nextRare(at);
    if (this.#escape < at) this.#escape = this.#nextEscape(at);
    return Math.min(this.#rare, this.#escape);
  }

  #nextRare(at: number): number {
    this.#places.forEach((place, kind) => {
      if (place < at) this.#places[kind] = placeOf(this.#bytes, SPECIAL[kind] ?? ESC, at);
    });
    return Math.min(...this.#places);
  }

  /** Where there is one, another is mostly near: then a call into native code costs more than looking. */
  #nextEscape(at: number): number {
    const bytes = this.#bytes;
    const near = Math.min(at + NEAR_BYTES, bytes.length);
    for (let place = at; place < near; place += 1) if (bytes[place] === ESC) return place;
    return placeOf(bytes, ESC, near);
  }
}

function placeOf(bytes: Buffer, byte: number, from: number): number {
  const place = bytes.indexOf(byte, from);
  return place < 0 ? bytes.length : place;
}

function after(state: State, byte: number): State {
  if (byte === CAN || byte === SUB) return 'text';
  switch (state) {
    case 'text':
      if (byte === ESC) return 'escape';
      return byte === C1_LEAD ? 'c1-lead' : state;
    case 'c1-lead':
      return AFTER_C1[byte] ?? 'text';
    case 'escape':
      if (byte >= 0x20 && byte < 0x30) return 'escape-intermediate';
      return unfinished(state, byte, 0x30) ?? AFTER_ESCAPE[byte] ?? 'text';
    case 'escape-intermediate':
      return unfinished(state, byte, 0x30) ?? 'text';
    case 'csi':
      return unfinished(state, byte, 0x40) ?? 'text';
    case 'osc':
      if (byte === C1_LEAD) return 'osc-c1-lead';
      return byte === BEL ? 'text' : state;
    case 'osc-c1-lead':
      if (isC1(byte)) return byte === STRING_TERMINATOR ? 'text' : 'lost';
      return after('osc', byte);
    case 'string':
      return byte > DEL ? 'lost' : state;
    case 'lost':
      break;
  }
  return state;
}

/** Undefined at a final byte. Control characters are carried out without ending the sequence. */
function unfinished(state: State, byte: number, firstFinal: number): State | undefined {
  if (byte > DEL) return 'lost';
  return byte < firstFinal || byte === DEL ? state : undefined;
}

function isC1(byte: number): boolean {
  return byte >= 0x80 && byte <= 0x9f;
}

/** A digit, colon or semicolon. */
function isParameter(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x3b;
}

/** All that may stand between the bracket and the final byte: parameters, prefixes, intermediates. */
function isIntermediate(byte: number): boolean {
  return byte >= 0x20 && byte <= 0x3f;
}

function isFinal(byte: number): boolean {
  return byte >= 0x40 && byte < DEL;
}
