import type { Language } from '#contract/resources/user.ts';
import { enrolmentTexts, type EnrolmentTexts } from './enrolment-texts.ts';
import { MenuKeys } from './menu-keys.ts';
import { qrForTerminal } from './qr-code.ts';

export interface EnrolmentDialogueOptions {
  readonly language: Language;
  /** `otpauth://…`, for the QR code. */
  readonly uri: string;
  /** The secret in groups, for people who type it. */
  readonly secret: string;
  readonly isDemanded: boolean;
}

export interface EnrolmentAnswer {
  /** To be written to the terminal as it is. */
  readonly output: string;
  /** What was typed as a code: to be checked, and answered with `refused` or `accepted`. */
  readonly code?: string;
  /** It is over: the person gave up, or has read the recovery codes. */
  readonly done?: true;
}

const MAX_CODE = 32;
const MAX_TRIES = 5;

/** Sets up an authenticator on a terminal: shows the secret, takes codes, shows recovery codes. Pure. */
export class EnrolmentDialogue {
  readonly #options: EnrolmentDialogueOptions;
  readonly #texts: EnrolmentTexts;
  readonly #keys = new MenuKeys();
  #input = '';
  #tries = 0;
  #isAccepted = false;

  constructor(options: EnrolmentDialogueOptions) {
    this.#options = options;
    this.#texts = enrolmentTexts(options.language);
  }

  start(): string {
    const { uri, secret, isDemanded } = this.#options;
    const { demanded, lead, typed } = this.#texts;
    return `${lines(...qrForTerminal(uri), ...(isDemanded ? [demanded] : []), lead, typed(secret))}${this.#texts.prompt}`;
  }

  input(bytes: Uint8Array): EnrolmentAnswer {
    let output = '';
    for (const key of this.#keys.read(bytes)) {
      switch (key.key) {
        case 'text':
          if (this.#input.length >= MAX_CODE || this.#isAccepted) break;
          this.#input += key.text;
          output += key.text;
          break;
        case 'erase':
          if (this.#input === '') break;
          this.#input = this.#input.slice(0, -1);
          output += '\b \b';
          break;
        case 'eraseAll':
        case 'end':
        case 'escape':
          if (this.#isAccepted) return { output, done: true };
          return { output: `${output}\r\n${lines(this.#texts.cancelled)}`, done: true };
        case 'enter': {
          if (this.#isAccepted) return { output: `${output}\r\n`, done: true };
          const code = this.#input;
          this.#input = '';
          if (code !== '') return { output: `${output}\r\n`, code };
          break;
        }
        default:
          break;
      }
    }
    return { output };
  }

  refused(): EnrolmentAnswer {
    this.#tries += 1;
    const { wrong, tooMany, prompt } = this.#texts;
    if (this.#tries >= MAX_TRIES) return { output: lines(tooMany), done: true };
    return { output: `${lines(wrong)}${prompt}` };
  }

  accepted(recoveryCodes: readonly string[]): EnrolmentAnswer {
    this.#isAccepted = true;
    const { done, codes, goOn } = this.#texts;
    return { output: lines('', done, '', codes, ...recoveryCodes.map((code) => `  ${code}`), '', goOn) };
  }
}

function lines(...texts: readonly string[]): string {
  return texts.map((text) => `${text}\r\n`).join('');
}
