/** More kinds of switches than this, or longer ones, and nothing is sure any more until a full reset. */
const MAX_KEPT = 128;
const MAX_LENGTH = 64;
/** Longer sequences are not read. */
export const MAX_BARRIER_LENGTH = 256;
/** As many parameters as the emulator reads. */
const MAX_PARAMETERS = 32;

const FULL_RESET = '\u001Bc';
/** Prefix, parameters, intermediates and final byte of a CSI sequence. */
// oxlint-disable-next-line no-control-regex -- escape sequences are what is looked for
const CSI = /^(?:\u001B\[|\u00C2\u009B)([<-?]?)([0-9;:]*)([ -/]*)([@-~])$/;
/** ESC sequences that choose a character set, or the keypad. */
// oxlint-disable-next-line no-control-regex -- escape sequences are what is looked for
const CHOICE = /^\u001B(?:([ -/]+)[0-~]|[=>no|}~])$/;
// oxlint-disable-next-line no-control-regex -- shift out and shift in
const SHIFT = /^[\u000E\u000F]$/;
const ALTERNATE_SCREEN: ReadonlySet<number> = new Set([47, 1047, 1049]);

/** What barriers have switched, told from the sequences alone, without an emulator. */
export class ModeSwitches {
  #isAlternate = false;
  #hasRegion = false;
  #hasAlternateRegion = false;
  #isOrigin = false;
  #isReverseWrap = false;
  #isInDoubt = false;
  readonly #kept = new Map<string, string>();

  get isAlternate(): boolean {
    return this.#isAlternate;
  }

  /** Lines may not simply scroll off the top of the screen. */
  get isOdd(): boolean {
    const hasRegion = this.#isAlternate ? this.#hasAlternateRegion : this.#hasRegion;
    return hasRegion || this.#isOrigin || this.#isReverseWrap || this.#isInDoubt;
  }

  /** Something may have been switched that is not known here. */
  get isInDoubt(): boolean {
    return this.#isInDoubt;
  }

  /** Sequences that make all switches since `forget` again. */
  get again(): string {
    return [...this.#kept.values()].join('');
  }

  /** What was switched so far has reached the emulator. */
  forget(): void {
    this.#kept.clear();
  }

  /** A sequence has passed that was not read. */
  doubt(): void {
    this.#isInDoubt = true;
  }

  resized(): void {
    this.#hasRegion = false;
    this.#hasAlternateRegion = false;
  }

  apply(barrier: string, rows: number): void {
    if (barrier === FULL_RESET) this.#fullReset();
    else if (SHIFT.test(barrier)) this.#keep('shift', barrier);
    else if (barrier.startsWith('\u001B[') || barrier.startsWith('\u00C2\u009B')) this.#csi(barrier, rows);
    else {
      const choice = CHOICE.exec(barrier);
      // The same set of shifts and keypad modes; of character sets each place has its own.
      if (choice !== null) this.#keep(choice[1] ?? barrier, barrier);
    }
  }

  #csi(barrier: string, rows: number): void {
    const match = CSI.exec(barrier);
    if (match === null || barrier.length > MAX_BARRIER_LENGTH) {
      // Something stands in it that the emulator reads in its own way.
      if (/[hlrp]$/.test(barrier)) this.#isInDoubt = true;
      return;
    }
    const [, prefix = '', parameters = '', intermediates = '', final = ''] = match;
    if (intermediates === '!' && prefix === '' && final === 'p') this.#softReset(barrier);
    if (intermediates !== '') return;
    if (final === 'r' && prefix === '') this.#region(barrier, parameters, rows);
    else if ((final === 'h' || final === 'l') && (prefix === '' || prefix === '?')) {
      if (parameters.includes(':')) this.#isInDoubt = true;
      if (prefix === '?') for (const mode of numbers(parameters)) this.#switch(mode, final === 'h');
      this.#keep(prefix + parameters, barrier);
    }
  }

  #switch(mode: number, on: boolean): void {
    if (mode === 6) this.#isOrigin = on;
    else if (mode === 45) this.#isReverseWrap = on;
    else if (ALTERNATE_SCREEN.has(mode)) {
      this.#isAlternate = on;
      // The second screen is a new one each time.
      if (!on) this.#hasAlternateRegion = false;
    }
  }

  #region(barrier: string, parameters: string, rows: number): void {
    if (parameters.includes(':')) this.#isInDoubt = true;
    const [first = 0, second = 0] = numbers(parameters);
    const top = first === 0 ? 1 : first;
    const bottom = second === 0 || second > rows ? rows : second;
    if (bottom <= top) return;
    const isPart = top > 1 || bottom < rows;
    if (this.#isAlternate) this.#hasAlternateRegion = isPart;
    else this.#hasRegion = isPart;
    this.#keep('region', barrier);
  }

  #softReset(barrier: string): void {
    this.#isOrigin = false;
    this.#isReverseWrap = false;
    if (this.#isAlternate) this.#hasAlternateRegion = false;
    else this.#hasRegion = false;
    this.#keep('soft reset', barrier);
  }

  #fullReset(): void {
    this.#isAlternate = false;
    this.#hasRegion = false;
    this.#hasAlternateRegion = false;
    this.#isOrigin = false;
    this.#isReverseWrap = false;
    this.#isInDoubt = false;
    this.#kept.clear();
    this.#keep('full reset', FULL_RESET);
  }

  /** The last of each kind, in the order of the last. */
  #keep(kind: string, barrier: string): void {
    this.#kept.delete(kind);
    if (this.#kept.size >= MAX_KEPT || barrier.length > MAX_LENGTH) this.#isInDoubt = true;
    else this.#kept.set(kind, barrier);
  }
}

function numbers(parameters: string): readonly number[] {
  return parameters.split(';', MAX_PARAMETERS).map(Number);
}
