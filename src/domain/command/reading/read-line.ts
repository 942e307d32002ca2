import { NO_DEFINITIONS, nameKey, NOTHING_DEFINED, type Definitions } from '../definitions.ts';
import type { CommandReading, Program } from '../verdict.ts';
import { mentionsHistory } from './history-expansion.ts';
import { newReadState, TERMINAL, type Frame, type ReadState } from './read-state.ts';
import { lengthWithout, MAX_SOURCE_LENGTH, parseShell } from './shell-syntax.ts';
import { roughPrograms } from './rough-programs.ts';
import { noteFishFunctions } from './shell-state.ts';
import { WALKER } from './walk-script.ts';

/** Of a line that nobody can read. */
export const UNREAD: CommandReading = {
  programs: [],
  dynamic: false,
  unparsable: true,
  incomplete: false,
  unread: true,
  commandsFromInput: true,
  defines: NOTHING_DEFINED,
};

/** The keys that end a line. In the middle of one they stand where lines were joined. */
const LINE_ENDS = /[\r\u000F]/g;

/**
 * Reads a line as the shell would: every program it would run, directly or through another one. What earlier
 * lines of the session defined (aliases, functions, variables) is taken into account. Pure, total, bounded: any
 * text gives a reading, and what is not understood is said to be so.
 */
export function readCommand(line: string, definitions: Definitions = NO_DEFINITIONS): CommandReading {
  if (line.length > MAX_SOURCE_LENGTH) return UNREAD;
  // A line end behind it belongs to the key, not to the word. Shells drop NUL.
  const source = line.slice(0, lengthWithout(line, '\r\n')).replaceAll('\0', '').replaceAll(LINE_ENDS, '\n');
  const state = newReadState(WALKER, definitions);
  const frame: Frame = { source, span: null, depth: 0, stdin: TERMINAL, within: [] };
  try {
    state.walker.source(source, state, frame);
    // What is not read to its end is denied, whatever else is in it.
    if (state.broken && !state.exhausted) readRoughly(source, state, frame);
    if (state.incomplete && !state.broken) readClosed(source, state, frame);
  } catch {
    // A defect of the parser must not become an open door.
    state.broken = true;
    state.exhausted = true;
  }
  const { broken } = state;
  return {
    programs: state.programs,
    dynamic: state.dynamic || mentionsHistory(source),
    unparsable: broken,
    incomplete: state.incomplete,
    unread: state.exhausted,
    // Where the line is not understood, nobody can say that no shell reads on.
    commandsFromInput: state.commandsFromInput || broken || state.exhausted,
    defines: state.bindings.finish(),
  };
}

/** A brace behind a word, with what may stand between it and the next command. */
const CLOSING_BRACE = /(?<=[^\s;{&|]\s+)\}(?:\s*always(?=\s*\{)|\s*;(?!;)|(?=\s|$))/g;

/** To zsh a brace closes a group wherever it stands, so what bash wants continued may be whole. */
function readClosed(source: string, state: ReadState, frame: Frame): void {
  const closed = source.replaceAll(CLOSING_BRACE, ';};');
  if (closed === source) return;
  const { broken, incomplete } = parseShell(closed);
  if (broken || incomplete) return;
  state.walker.source(closed, state, { ...frame, span: { start: 0, end: source.length } });
}

/** Another shell's grammar, or a damaged echo: the first word of everything could be a program. */
function readRoughly(source: string, state: ReadState, frame: Frame): void {
  noteFishFunctions(source, state);
  for (const program of roughPrograms(source)) {
    state.programs.push(program);
    if (!state.bindings.isEmpty) runRoughly(program, state, frame);
  }
}

/** What the name stands for, if earlier lines gave it a meaning. */
function runRoughly({ name, args, start, end }: Program, state: ReadState, frame: Frame): void {
  const inside: Frame = { ...frame, span: { start, end }, depth: 1 };
  const isKnown = (['alias', 'function', 'path'] as const).some(
    (kind) => state.bindings.get(nameKey(kind, name)).length > 0,
  );
  if (isKnown || name.startsWith('$')) state.walker.source([name, ...args].join(' '), state, inside);
}
