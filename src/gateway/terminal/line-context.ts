import { definitionsAfter, NO_DEFINITIONS } from '#domain/command/definitions.ts';
import { withoutComments } from '#domain/command/reading/without-comments.ts';
import { stricter } from '#domain/command/stricter.ts';
import type { CommandJudge, CommandJudgement } from '#domain/command/verdict.ts';
import { foregroundOf, type Foreground } from './foreground.ts';
import { placedBehind, unreadableLine, type JudgedLine } from './judged-line.ts';
import {
  containsText,
  readInputLine,
  sameText,
  sameWords,
  unansweredReading,
  type LineReading,
} from './line-reader.ts';
import { looksLikeShellPrompt, Prompts } from './prompts.ts';
import type { Screen } from './screen.ts';
import { TypedLine } from './typed-line.ts';

/**
 * Who will get a line. `maybe`: possibly a shell, so it is judged like a command, and told as input to
 * something unknown.
 */
export type Audience = 'shell' | 'maybe' | 'program';

/** Longest text of earlier lines that a line is judged together with. */
const MAX_CONTINUED = 65_536;

/** Lines before this one that the shell wants continued, and the prompt they began at. */
interface Continued {
  readonly text: string;
  readonly prompt: string;
  /** Only a shell that takes no comments wants it so. */
  readonly isDoubtful: boolean;
}

/**
 * What is known about the line being typed: the keys, the prompt in front of it, whether it is echoed, who
 * reads it, and which lines it continues.
 */
export class LineContext {
  readonly keys = new TypedLine();
  readonly #screen: Screen;
  readonly #judge: CommandJudge;
  readonly #prompts = new Prompts();
  /** Prompts at which echo was seen, so that the first key need not be hidden. */
  readonly #echoing = new Prompts();
  /** Left of the cursor when the first key was typed, and right of it (zsh shows a second prompt there). */
  #prompt = '';
  #rightPrompt = '';
  #foreground: Foreground;
  #continued: Continued | undefined;
  #echoSeen = false;
  /** The last command was run from a shell on a second screen: inside a multiplexer. */
  #ranOnAlternate = false;
  /** Aliases, functions and variables that the lines so far gave the shell. */
  #definitions = NO_DEFINITIONS;

  constructor(screen: Screen, judge: CommandJudge, foreground: Foreground) {
    this.#screen = screen;
    this.#judge = judge;
    this.#foreground = foreground;
  }

  get foreground(): Foreground {
    return this.#foreground;
  }

  /** Whether the cursor stands behind a prompt at which a shell is known to read. */
  get atKnownPrompt(): boolean {
    const before = this.#screen.beforeCursor();
    return this.#prompts.isKnown(before) || (this.#continued?.isDoubtful === false && before.trim() !== '');
  }

  /**
   * Whether the input is not echoed, as far as one can tell before it is sent: at a prompt not known to echo,
   * the first key always counts as secret.
   */
  get isSecret(): boolean {
    if (this.#echoSeen) return false;
    // A program on the second screen draws what it likes; nobody types secrets there unseen.
    return !(this.#foreground === 'program' && this.#screen.isAlternate);
  }

  /** A new line begins. `prefilled`: the shell puts something there itself. */
  begin(prefilled: boolean): void {
    this.keys.reset();
    if (prefilled) this.keys.markUnsure();
    this.#echoSeen = false;
    this.#prompt = '';
    this.#rightPrompt = '';
  }

  /** The line, and those it continued, are thrown away. */
  forget(): void {
    this.#continued = undefined;
    this.begin(false);
  }

  /** Learns what the line is typed behind. Called when all output so far is on the screen. */
  look(): void {
    const before = this.#screen.beforeCursor();
    // Behind a known prompt may stand a line that the shell offers (Ctrl-O): that is input, not prompt.
    this.#prompt = this.#prompts.startOf(before) ?? before;
    this.#rightPrompt = this.#prompt === before ? this.#screen.rightPrompt() : '';
    const isKnown = this.#prompts.isKnown(this.#prompt);
    this.#echoSeen = isKnown || this.#echoing.isKnown(this.#prompt);
    if (this.#continued?.isDoubtful === true && samePrompt(this.#prompt, this.#continued.prompt))
      this.#continued = undefined;
    const continued = this.#continued;
    // Anybody can print a mark, so it is a reason to judge; that the line is echoed is not believed of it.
    if (this.#screen.inputFromMark() !== undefined) this.#foreground = 'shell';
    if (isKnown) {
      if (continued === undefined || samePrompt(this.#prompt, continued.prompt)) this.#foreground = 'shell';
    } else if (this.#foreground === 'shell' && continued === undefined && looksLikeShellPrompt(before)) {
      this.#prompts.learn(before);
    }
  }

  /** Looks again in the middle of a line: a program may have ended by a key that ends no line. */
  lookAgain(): void {
    if (this.#screen.isAlternate || !this.#prompts.isKnown(this.#screen.beforeCursor())) return;
    this.keys.reset();
    this.look();
  }

  typed(bytes: Buffer): void {
    this.#noteEcho();
    this.keys.feed(bytes);
  }

  /** `answered`: the asset has sent something since the last line, so the screen is about this one. */
  read(answered: boolean): LineReading {
    return answered
      ? readInputLine(this.#screen, this.keys, this.#prompts, {
          left: this.#prompt,
          right: this.#rightPrompt,
        })
      : unansweredReading(this.keys);
  }

  audienceOf(reading: LineReading): Audience {
    if (reading.atShellPrompt || this.#foreground === 'shell') return 'shell';
    // What has opened a second screen itself is no shell; on one that was open before, anything may read.
    if (this.#screen.isAlternate && !this.#ranOnAlternate) return 'program';
    if (this.#foreground === 'unknown') return 'maybe';
    return looksLikeShellPrompt(this.#prompt) ? 'maybe' : 'program';
  }

  /**
   * The screen shows the line of the editing mode in use, and in no other could the keys have made a worse one.
   * Otherwise it may be an earlier line that is still shown.
   */
  isSettled(reading: LineReading): boolean {
    const { typed, alsoTyped, agreed } = reading;
    if (!agreed || typed !== this.keys.text || !this.keys.sureInEveryMode) return false;
    if (alsoTyped.length === 0) return true;
    const judgement = this.#judgeContinued(typed, reading);
    return alsoTyped.every(
      (other) => stricter(judgement, this.#judgeContinued(other, reading)) === judgement,
    );
  }

  /** Judges a line for a shell by screen and keys, the stricter of both. Undefined: there is no line. */
  judgeCommand(
    reading: LineReading,
    audience: 'shell' | 'maybe',
    whenUnreadable: 'allow' | 'deny',
  ): JudgedLine | undefined {
    const { shown, alsoShown, typed, agreed } = reading;
    this.#noteMode(reading);
    const alsoTyped = this.#otherReadings(reading);
    if (agreed && typed !== '') this.#markEchoed();
    const hidden = this.#wasHidden(reading);
    // Nothing shown where something was typed: not echoed, so the keys are all there is.
    const blank = shown?.trim() === '' && typed !== undefined && typed.trim() !== '';
    const usable = hidden || blank ? undefined : shown;
    if (usable === undefined && typed === undefined) return unreadableLine(whenUnreadable);
    // Both say the same but for blanks, of which the keys know more.
    const line = (agreed ? typed : undefined) ?? usable ?? typed ?? '';
    if ([line, typed ?? '', ...alsoTyped].every(isBlank) && this.#continued === undefined) return undefined;
    let judgement = this.#judgeContinued(line, reading);
    if (agreed && shown !== undefined && !sameWords(shown, line))
      judgement = stricter(judgement, this.#judgeContinued(shown, reading));
    if (!agreed && usable !== undefined && alsoShown !== undefined)
      judgement = stricter(judgement, this.#judgeContinued(alsoShown, reading));
    const differ = !agreed && usable !== undefined && typed !== undefined && !sameText(usable, typed);
    // A place in what was typed is none in what is shown.
    for (const other of differ ? [typed, ...alsoTyped] : alsoTyped)
      judgement = stricter(judgement, { ...this.#judgeContinued(other, reading), span: null });
    this.#learnFrom(reading);
    return {
      line: hidden ? '' : line,
      judgement,
      reader: audience === 'shell' && !hidden ? 'shell' : 'unknown',
      mismatch: differ && !hidden ? { shown: usable, typed } : null,
      unreadable: false,
      hidden,
    };
  }

  /** A line for a program: told, and judged by what rules say about text. Undefined: there is no line. */
  judgeInput(reading: LineReading): JudgedLine | undefined {
    const line = reading.typed ?? '';
    // Keys in a full-screen program are not lines.
    if (this.#screen.isAlternate || line === '') return undefined;
    this.#noteMode(reading);
    if (reading.agreed) this.#markEchoed();
    const hidden = this.#wasHidden(reading);
    return {
      line: hidden ? '' : line,
      judgement: this.#judge.judgeInput(line),
      reader: 'unknown',
      mismatch: null,
      unreadable: false,
      hidden,
    };
  }

  /** A line end inside a marked paste: text that runs later, with what stands before it. */
  judgePasted(): JudgedLine {
    const { text, readings } = this.keys;
    let judgement = this.#judgeWithContinued(text);
    for (const other of readings.filter((reading) => reading !== text))
      judgement = stricter(judgement, { ...this.#judgeWithContinued(other), span: null });
    return {
      line: text,
      judgement,
      reader: 'shell',
      mismatch: null,
      unreadable: false,
      hidden: false,
    };
  }

  /** The line was let through: what it runs reads the terminal next. */
  noteRun({ line, reader, hidden, mismatch, judgement: { reading } }: JudgedLine): void {
    if (!reading.incomplete) {
      this.#definitions = definitionsAfter(
        this.#definitions,
        reading,
        reader === 'shell' && mismatch === null,
      );
    }
    if (hidden) return;
    this.#ranOnAlternate = this.#screen.isAlternate;
    const text = this.#withContinued(line).slice(-MAX_CONTINUED);
    const prompt = this.#continued?.prompt ?? this.#prompt;
    const isDoubtful = !reading.incomplete && this.#goesOnWithoutComments(text);
    this.#continued = reading.incomplete || isDoubtful ? { text, prompt, isDoubtful } : undefined;
    if (reading.incomplete) return;
    // What somebody unknown was given does not tell who reads next.
    if (reader !== 'shell') return;
    const next = foregroundOf(reading.programs);
    // A shell that could not be told by its prompt again may read as soon as the program has ended.
    this.#foreground = next === 'program' && !this.#prompts.isKnown(this.#prompt) ? 'unknown' : next;
  }

  /** The line is gone from the screen: the cursor stands behind a prompt and nothing else. */
  isCleared(denied: string): boolean {
    const before = this.#screen.beforeCursor();
    const again = this.#prompt.trim() !== '' && samePrompt(before, this.#prompt);
    // A mark alone says only where input begins; what stands behind it may be the line that should be gone.
    const isMarked = this.#screen.inputFromMark()?.trim() === '';
    if (again || isMarked || this.#prompts.isKnown(before) || looksLikeShellPrompt(before)) {
      const behind = this.#screen.behindCursor().trim();
      return behind === '' || (behind === this.#screen.rightPrompt() && !containsText(behind, denied));
    }
    const line = this.#screen.cursorLine();
    return this.#foreground !== 'shell' && (denied === '' || !containsText(line, denied));
  }

  /** Whether what was typed before is on the screen: then this line is echoed. */
  #noteEcho(): void {
    if (this.#echoSeen || !this.keys.sure || this.keys.isEmpty || this.#screen.hasPending) return;
    const shown = this.#screen.cursorLine().slice(this.#prompt.length);
    if (!isMask(shown) && sameText(shown, this.keys.text)) this.#markEchoed();
  }

  #markEchoed(): void {
    this.#echoSeen = true;
    this.#echoing.learn(this.#prompt);
  }

  #noteMode({ typed, agreed }: LineReading): void {
    if (agreed && typed !== undefined) this.keys.agreedWith(typed);
  }

  /** To be judged too. Only a screen that shows the line of emacs mode while that is in use settles the matter. */
  #otherReadings({ alsoTyped, agreed }: LineReading): readonly string[] {
    return agreed && !this.keys.inViMode ? [] : alsoTyped;
  }

  /** A line that goes on from the one before is judged together with it. */
  #judgeContinued(line: string, reading: LineReading): CommandJudgement {
    const continued = this.#continued;
    if (continued === undefined) return this.#judgeText(line);
    const joined = this.#judgeWithContinued(line);
    // The shell asks at its first prompt again: it had not taken the line before as unfinished, or both
    // prompts look alike.
    const again = samePrompt(reading.prompt ?? this.#prompt, continued.prompt);
    if (!again) return joined;
    const alone = this.#judgeText(line);
    return continued.isDoubtful ? stricter(alone, joined) : stricter(joined, alone);
  }

  /** For a shell that takes comments from people, and for one that takes none: which it is, nobody knows. */
  #judgeText(text: string): CommandJudgement {
    const judgement = this.#judge.judge(text, this.#definitions);
    const bare = withoutComments(text);
    if (bare === text) return judgement;
    return stricter(judgement, { ...this.#judge.judge(bare, this.#definitions), span: null });
  }

  #goesOnWithoutComments(text: string): boolean {
    const bare = withoutComments(text);
    return bare !== text && this.#judge.judge(bare, this.#definitions).reading.incomplete;
  }

  #judgeWithContinued(line: string): CommandJudgement {
    return placedBehind(this.#withContinued(''), this.#judgeText(this.#withContinued(line)));
  }

  #withContinued(line: string): string {
    return this.#continued === undefined ? line : `${this.#continued.text}\n${line}`;
  }

  /** Typed, not shown, and not at a prompt where the shell is known to show it. */
  #wasHidden({ shown, typed, agreed, atShellPrompt }: LineReading): boolean {
    if (agreed || atShellPrompt || this.#echoSeen) return false;
    if (typed === undefined || typed === '') return false;
    return shown === undefined || isMask(shown) || !containsText(shown, typed);
  }

  #learnFrom({ prompt, agreed }: LineReading): void {
    if (prompt === undefined || !agreed || this.#foreground !== 'shell') return;
    if (this.#continued === undefined) this.#prompts.learn(prompt);
  }
}

function isBlank(text: string): boolean {
  return text.trim() === '';
}

function isMask(text: string): boolean {
  return /^[*•·●]*$/.test(text.trim());
}

function samePrompt(left: string, right: string): boolean {
  return left.trimEnd() === right.trimEnd();
}
