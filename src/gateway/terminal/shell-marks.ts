import type { Emulator } from './emulator.ts';
import type { ScreenText } from './screen-text.ts';

/** Where a shell says it is: it draws its prompt, reads a line, runs it, has run it. */
export type ShellMarkKind = 'prompt' | 'input' | 'running' | 'done';

/**
 * The last thing that marks in the output said about the shell (FinalTerm's OSC 133, VS Code's OSC 633). Whatever
 * prints can say so.
 */
export interface ShellMark {
  readonly kind: ShellMarkKind;
  /** What stood in front of the input. */
  readonly prompt: string | undefined;
}

/** Longer marks are not read. */
const MAX_MARK_LENGTH = 8_192;
/** A prompt over more rows is not remembered. */
const MAX_PROMPT_ROWS = 4;
const KINDS: Readonly<Record<string, ShellMarkKind>> = { A: 'prompt', B: 'input', C: 'running', D: 'done' };

type Marker = NonNullable<ReturnType<Emulator['registerMarker']>>;

interface Place extends ShellMark {
  readonly marker: Marker | undefined;
}

/** Remembers the last mark on each of the two screens, and where it stands however the lines move. */
export class ShellMarks {
  readonly #emulator: Emulator;
  readonly #text: ScreenText;
  #main: Place | undefined;
  #alternate: Place | undefined;

  constructor(emulator: Emulator, text: ScreenText) {
    this.#emulator = emulator;
    this.#text = text;
    const { parser } = emulator;
    parser.registerOscHandler(133, (data) => this.#read(data));
    parser.registerOscHandler(633, (data) => this.#read(data));
    // A full reset makes new screens without telling the marks on the old ones.
    parser.registerEscHandler({ final: 'c' }, () => {
      this.forget();
      return false;
    });
    emulator.buffer.onBufferChange(() => {
      this.#alternate = undefined;
    });
  }

  /** The last mark on the screen that is shown. */
  get mark(): ShellMark | undefined {
    return this.#isAlternate ? this.#alternate : this.#main;
  }

  /** The text between the begin of input, where that is still in its place, and the end of the cursor's line. */
  input(): string | undefined {
    const place = this.#isAlternate ? this.#alternate : this.#main;
    if (place?.kind !== 'input' || place.prompt === undefined) return undefined;
    const row = rowOf(place);
    const text = row === undefined ? undefined : this.#text.linesFromRow(row);
    const { prompt } = place;
    // Blanks at the end of a line cannot be told from cells that were never written.
    return text?.padEnd(prompt.length).startsWith(prompt) ? text.slice(prompt.length) : undefined;
  }

  /** Output was lost, and with it perhaps marks. */
  forget(): void {
    this.#main?.marker?.dispose();
    this.#main = undefined;
    this.#alternate = undefined;
  }

  #read(data: string): boolean {
    const [letter = ''] = data.length > MAX_MARK_LENGTH ? [] : data.split(';', 1);
    const kind = KINDS[letter];
    if (kind !== undefined) this.#set(kind);
    return true;
  }

  #set(kind: ShellMarkKind): void {
    const row = this.#text.cursorRow;
    const first = this.#text.firstRow(row);
    const prompt = kind === 'input' && row - first < MAX_PROMPT_ROWS ? this.#text.beforeCursor() : undefined;
    if (this.#isAlternate) {
      // There the emulator has no markers that follow the lines.
      this.#alternate = { kind, marker: undefined, prompt };
      return;
    }
    this.#main?.marker?.dispose();
    this.#main = { kind, marker: this.#emulator.registerMarker(first - row), prompt };
  }

  get #isAlternate(): boolean {
    return this.#emulator.buffer.active.type === 'alternate';
  }
}

function rowOf({ marker }: Place): number | undefined {
  return marker === undefined || marker.isDisposed ? undefined : marker.line;
}
