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
  /** The first row of the marked line; undefined when it is not on the screen any more. */
  readonly row: number | undefined;
  /** What stood in front of the input. */
  readonly prompt: string | undefined;
  /** The line that will be run, as the shell tells it. */
  readonly commandLine: string | undefined;
  readonly exitStatus: number | undefined;
}

/** Longer marks are not read. */
const MAX_MARK_LENGTH = 8_192;
/** A prompt over more rows is not remembered. */
const MAX_PROMPT_ROWS = 4;
const KINDS: Readonly<Record<string, ShellMarkKind>> = { A: 'prompt', B: 'input', C: 'running', D: 'done' };

type Marker = NonNullable<ReturnType<Emulator['registerMarker']>>;

interface Place {
  readonly kind: ShellMarkKind;
  readonly marker: Marker | undefined;
  readonly prompt: string | undefined;
  readonly exitStatus: number | undefined;
}

/** Remembers the last mark on each of the two screens, and where it stands however the lines move. */
export class ShellMarks {
  readonly #emulator: Emulator;
  readonly #text: ScreenText;
  #main: Place | undefined;
  #alternate: Place | undefined;
  #commandLine: string | undefined;

  constructor(emulator: Emulator, text: ScreenText) {
    this.#emulator = emulator;
    this.#text = text;
    const { parser } = emulator;
    parser.registerOscHandler(133, (data) => this.#read(data));
    parser.registerOscHandler(633, (data) => this.#readCommandLine(data) || this.#read(data));
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
    const place = this.#isAlternate ? this.#alternate : this.#main;
    if (place === undefined) return undefined;
    const { kind, prompt, exitStatus } = place;
    return { kind, row: rowOf(place), prompt, commandLine: this.#commandLine, exitStatus };
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
    this.#commandLine = undefined;
  }

  #read(data: string): boolean {
    const [letter = '', parameter = ''] = data.length > MAX_MARK_LENGTH ? [] : data.split(';', 2);
    const kind = KINDS[letter];
    if (kind === undefined) return true;
    const exitStatus = kind === 'done' && /^\d{1,3}$/.test(parameter) ? Number(parameter) : undefined;
    if (kind === 'prompt') this.#commandLine = undefined;
    this.#set(kind, exitStatus);
    return true;
  }

  #set(kind: ShellMarkKind, exitStatus: number | undefined): void {
    const row = this.#text.cursorRow;
    const first = this.#text.firstRow(row);
    const prompt = kind === 'input' && row - first < MAX_PROMPT_ROWS ? this.#text.beforeCursor() : undefined;
    if (this.#isAlternate) {
      // There the emulator has no markers that follow the lines.
      this.#alternate = { kind, marker: undefined, prompt, exitStatus };
      return;
    }
    this.#main?.marker?.dispose();
    this.#main = { kind, marker: this.#emulator.registerMarker(first - row), prompt, exitStatus };
  }

  /** `E ; line [; nonce]`, with a backslash in front of `\` and of two hexadecimal digits. */
  #readCommandLine(data: string): boolean {
    if (!data.startsWith('E;') || data.length > MAX_MARK_LENGTH) return false;
    const [, line = ''] = data.split(';', 2);
    this.#commandLine = line.replaceAll(/\\(?:\\|x([0-9a-f]{2}))/gi, (_, hex: string | undefined) =>
      hex === undefined ? '\\' : String.fromCharCode(Number.parseInt(hex, 16)),
    );
    return true;
  }

  get #isAlternate(): boolean {
    return this.#emulator.buffer.active.type === 'alternate';
  }
}

function rowOf({ marker }: Place): number | undefined {
  return marker === undefined || marker.isDisposed ? undefined : marker.line;
}
