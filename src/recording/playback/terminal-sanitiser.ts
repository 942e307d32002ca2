import { isHarmlessCsi, isHarmlessEscape } from './terminal-allow-list.ts';

/**
 * Makes recorded output safe to show on a person's own terminal: text, colours, cursor movement and erasing
 * pass; whatever could make the terminal answer, print, write to the clipboard or the title, open links or
 * change what the keyboard sends is removed. An allow list: what is not known as harmless goes.
 *
 * Works on characters, not bytes, so that a C1 control is one whether it came as U+009B or as ESC [ (ECMA-48
 * section 5.3). Streaming: the result does not depend on how the input is cut.
 */
export class TerminalSanitiser {
  #state: 'ground' | 'escape' | 'csi' | 'csi-ignored' | 'string' | 'string-escape' = 'ground';
  /** The sequence so far, from its ESC on; bounded. */
  #sequence = '';
  /** How much of a control string was swallowed, and how much may be. */
  #swallowed = 0;
  #swallowLimit = 0;

  /** The harmless part of the next piece of output. */
  push(text: string): string {
    if (this.#state === 'ground' && !/[\u0000-\u001F\u007F-\u009F]/.test(text)) return text;
    let out = '';
    for (const char of text) out += this.#step(char);
    return out;
  }

  #step(char: string): string {
    const code = char.codePointAt(0) ?? 0;
    if (this.#state === 'ground') return this.#ground(char, code);
    if (this.#state === 'escape') return this.#escape(char, code);
    if (this.#state === 'string') return this.#string(code);
    if (this.#state === 'string-escape') {
      // ESC \ ends the string; any other ESC ends it as well and begins something new.
      if (char === '\\') return this.#abort();
      this.#begin('escape');
      return this.#escape(char, code);
    }
    return this.#csi(char, code);
  }

  #ground(char: string, code: number): string {
    if (code === ESC) {
      this.#begin('escape');
      return '';
    }
    if (code < 0x20) return isHarmlessControl(code) ? char : '';
    if (code === DEL) return '';
    if (code >= 0x80 && code <= 0x9f) return this.#c1(code);
    return char;
  }

  #c1(code: number): string {
    if (code === 0x9b) this.#begin('csi');
    else if (STRING_OPENERS.has(code - 0x40)) this.#beginString(code - 0x40);
    return '';
  }

  #escape(char: string, code: number): string {
    if (code === ESC) {
      this.#begin('escape');
      return '';
    }
    if (code === CAN || code === SUB) return this.#abort();
    if (code < 0x20) return isHarmlessControl(code) ? char : '';
    if (code > 0x7e) {
      // Not part of any sequence: terminals drop the ESC and take the character for itself.
      this.#state = 'ground';
      return this.#ground(char, code);
    }
    if (this.#sequence === '\u001B') {
      if (char === '[') {
        this.#begin('csi');
        return '';
      }
      if (STRING_OPENERS.has(code)) {
        this.#beginString(code);
        return '';
      }
    }
    this.#sequence += char;
    if (code <= 0x2f) return this.#sequence.length > MAX_ESCAPE ? this.#abort() : '';
    this.#state = 'ground';
    return isHarmlessEscape(this.#sequence.slice(1)) ? this.#sequence : '';
  }

  #csi(char: string, code: number): string {
    if (code === ESC) {
      this.#begin('escape');
      return '';
    }
    if (code === CAN || code === SUB) return this.#abort();
    // Controls inside a sequence are carried out at once, as terminals do.
    if (code < 0x20) return isHarmlessControl(code) ? char : '';
    if (code === DEL) return '';
    if (code > DEL) {
      this.#state = 'ground';
      return this.#ground(char, code);
    }
    if (code >= 0x40) {
      const harmless = this.#state === 'csi' && isHarmlessCsi(this.#sequence.slice(2) + char);
      this.#state = 'ground';
      return harmless ? this.#sequence + char : '';
    }
    if (this.#sequence.length >= MAX_CSI) this.#state = 'csi-ignored';
    else this.#sequence += char;
    return '';
  }

  #string(code: number): string {
    this.#swallowed += 1;
    if (code === ESC) this.#state = 'string-escape';
    else if (code === 0x9c || code === BEL || code === CAN || code === SUB) this.#state = 'ground';
    // Without a limit one opener would hide the rest of the recording from whoever watches it.
    else if (this.#swallowed >= this.#swallowLimit) this.#state = 'ground';
    return '';
  }

  #begin(state: 'escape' | 'csi'): void {
    this.#state = state;
    this.#sequence = state === 'csi' ? '\u001B[' : '\u001B';
  }

  #beginString(opener: number): void {
    this.#state = 'string';
    this.#swallowed = 0;
    this.#swallowLimit = opener === DCS ? MAX_DCS : MAX_STRING;
  }

  #abort(): string {
    this.#state = 'ground';
    return '';
  }
}

const ESC = 0x1b;
const BEL = 0x07;
const CAN = 0x18;
const SUB = 0x1a;
const DEL = 0x7f;
const DCS = 0x50;
/** After ESC: DCS `P`, SOS `X`, OSC `]`, PM `^`, APC `_`. */
const STRING_OPENERS = new Set([DCS, 0x58, 0x5d, 0x5e, 0x5f]);
const MAX_ESCAPE = 8;
const MAX_CSI = 128;
const MAX_STRING = 8192;
const MAX_DCS = 1_048_576;

/** BEL, BS, HT, LF, VT, FF, CR, SO, SI. Not ENQ, which asks for the answer-back, nor flow control. */
function isHarmlessControl(code: number): boolean {
  return code >= 0x07 && code <= 0x0f;
}
