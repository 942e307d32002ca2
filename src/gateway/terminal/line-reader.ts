import { splitPrompt, type PromptMatch, type Prompts } from './prompts.ts';
import type { Screen } from './screen.ts';
import type { ScreenLine } from './screen-text.ts';
import type { TypedLine } from './typed-line.ts';

/** The line about to be sent, as the screen and the keys tell it. */
export interface LineReading {
  /** From the screen; undefined when the prompt cannot be told from the input, or the screen may be wrong. */
  readonly shown: string | undefined;
  /** What the screen may mean as well: a line end on it can be the shell's or the terminal's. */
  readonly alsoShown: string | undefined;
  /** From the keys; undefined when keys were typed whose effect is not known. */
  readonly typed: string | undefined;
  /** From the keys as well, were the shell in another editing mode. */
  readonly alsoTyped: readonly string[];
  /** Both are there and say the same. */
  readonly agreed: boolean;
  /** The prompt is one of the shell's. */
  readonly atShellPrompt: boolean;
  /** The prompt that was found, or undefined. */
  readonly prompt: string | undefined;
}

/** What is shown while history is searched (GNU readline, libedit, zsh). */
const SEARCH = /^\((?:failed |failing )?(?:reverse-|forward-|bck-|fwd-)?i-search\)[`'](?:.*?)': ?(.*)$/s;

/** What stood left and right of the cursor when the first key of the line was typed. */
export interface Surroundings {
  readonly left: string;
  readonly right: string;
}

/**
 * Reads the input line. What was found around the cursor can be out of date when the shell drew its prompt
 * later, so known prompts and the signs that end prompts are tried too.
 */
export function readInputLine(
  screen: Screen,
  keys: TypedLine,
  prompts: Prompts,
  around: Surroundings,
): LineReading {
  const whole = screen.cursorLine();
  const line = withoutRightPrompt(whole, around.right);
  const search = SEARCH.exec(line);
  if (search !== null) {
    return {
      shown: screen.isUnknown ? undefined : (search[1] ?? ''),
      alsoShown: undefined,
      typed: undefined,
      // Of a search the keys know nothing for sure. If they do, the screen only looks like one.
      alsoTyped: keys.readings,
      agreed: false,
      atShellPrompt: true,
      prompt: undefined,
    };
  }
  const known = prompts.match(line);
  const view: View = { screen, prompts, prompt: around.left, marked: markedCandidates(screen) };
  const candidates = shownCandidates(view, line, known);
  const agreement = agreementOf(candidates, () => unadornedCandidates(view, whole), keys);
  const best = agreement?.candidate ?? candidates[0];
  const typed = agreement?.typed ?? (keys.sure ? keys.text : undefined);
  // A screen that may be wrong is only believed where the keys say the same.
  const believed = agreement !== undefined || !screen.isUnknown ? best : undefined;
  return {
    shown: believed?.rest,
    alsoShown: believed?.joined,
    typed,
    alsoTyped: keys.readings.filter((reading) => reading !== typed),
    agreed: agreement !== undefined,
    atShellPrompt: known !== undefined || (best !== undefined && prompts.isKnown(best.prompt)),
    prompt: best?.prompt,
  };
}

/**
 * A reading of the keys that the screen shows. Only for that of the mode in use are decorations left away: with
 * enough readings and enough left away, something always agrees.
 */
function agreementOf(
  candidates: readonly Candidate[],
  unadorned: () => readonly Candidate[],
  keys: TypedLine,
): { readonly candidate: Candidate; readonly typed: string } | undefined {
  for (const typed of keys.readings) {
    const shows = ({ rest }: Candidate): boolean => sameText(rest, typed);
    // Most lines have no decoration: what is left away is looked for last.
    const candidate = candidates.find(shows) ?? (typed === keys.text ? unadorned().find(shows) : undefined);
    if (candidate !== undefined) return { candidate, typed };
  }
  return undefined;
}

/** The right prompt stands at the end of the line, behind blanks, until the input needs its place. */
function withoutRightPrompt(line: string, right: string): string {
  if (right === '' || !line.endsWith(` ${right}`)) return line;
  return line.slice(0, -right.length).trimEnd();
}

interface Candidate {
  readonly prompt: string;
  readonly rest: string;
  /** The same with its lines joined to one, where they may be one. */
  readonly joined?: string;
}

/** What lines of the screen are read by. */
interface View {
  readonly screen: Screen;
  readonly prompts: Prompts;
  /** What stood in front of the line when its first key was typed. */
  readonly prompt: string;
  readonly marked: readonly Candidate[];
}

function shownCandidates(
  { screen, prompt, marked }: View,
  line: string,
  known: PromptMatch | undefined,
): readonly Candidate[] {
  const candidates = [...marked];
  const padded = `${line} `;
  if (prompt.trim() !== '' && padded.startsWith(prompt.trimEnd())) {
    candidates.push({ prompt, rest: line.slice(Math.min(prompt.length, line.length)) });
  }
  if (known !== undefined) candidates.push(known);
  if (candidates.length === 0 && prompt.trim() !== '') {
    // Input over several lines: the prompt stands further up.
    const lines = screen.linesFrom(prompt.trimEnd());
    if (lines !== undefined) candidates.push(severalLines(lines, prompt));
  }
  const guess = splitPrompt(line);
  if (guess !== undefined) candidates.push(guess);
  if (candidates.length === 0 && prompt.trim() === '') candidates.push({ prompt: '', rest: line });
  return candidates;
}

/** What stands behind the place where the shell says that input begins (OSC 133, 633). */
function markedCandidates(screen: Screen): readonly Candidate[] {
  const input = screen.inputFromMark();
  const prompt = screen.shellMark?.prompt;
  return input === undefined || prompt === undefined ? [] : [{ prompt, rest: input.trimEnd() }];
}

function severalLines(lines: readonly ScreenLine[], prompt: string): Candidate {
  const join = (ends: (line: ScreenLine) => string): string =>
    lines
      .map((line, index) => line.text + (index === lines.length - 1 ? '' : ends(line)))
      .join('')
      .slice(prompt.length);
  const rest = join(() => '\n');
  const joined = join(({ isFull }) => (isFull ? '' : '\n'));
  return joined === rest ? { prompt, rest } : { prompt, rest, joined };
}

/**
 * The line without what shells draw behind it: a second prompt at the right edge, a suggestion behind the cursor
 * (fish). Taken only where the keys say the same: what is drawn there is not run.
 */
function unadornedCandidates(view: View, line: string): readonly Candidate[] {
  const { screen, prompts } = view;
  const undecorated = withoutRightPrompt(line, screen.rightPrompt());
  const lines = undecorated === line ? [] : [undecorated];
  return [...lines, screen.beforeCursor()].flatMap((one) => shownCandidates(view, one, prompts.match(one)));
}

/** The reading when the asset has not answered since the last line: the screen says nothing about this one. */
export function unansweredReading(keys: TypedLine): LineReading {
  const typed = keys.sureInEveryMode ? keys.text : undefined;
  return {
    shown: undefined,
    alsoShown: undefined,
    typed,
    alsoTyped: keys.readings.filter((reading) => reading !== typed),
    agreed: false,
    atShellPrompt: false,
    prompt: undefined,
  };
}

/** Blanks are not compared: the screen does not show those at the end, and shows a tab as several. */
export function sameText(left: string, right: string): boolean {
  return left === right || squeeze(left) === squeeze(right);
}

/** Whether the words are the same, whatever blanks stand between them. */
export function sameWords(left: string, right: string): boolean {
  return left === right || words(left) === words(right);
}

function words(text: string): string {
  return text.trim().replaceAll(/[ \t]+/g, ' ');
}

/** Whether the part occurs in the text, blanks apart. */
export function containsText(text: string, part: string): boolean {
  return squeeze(text).includes(squeeze(part));
}

function squeeze(text: string): string {
  return text.replaceAll(/\s+/g, '');
}
