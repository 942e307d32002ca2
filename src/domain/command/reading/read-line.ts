import type { CommandReading } from '../verdict.ts';
import { mentionsHistory } from './history-expansion.ts';
import { newReadState, TERMINAL } from './read-state.ts';
import { MAX_SOURCE_LENGTH } from './shell-syntax.ts';
import { roughPrograms } from './rough-programs.ts';
import { WALKER } from './walk-script.ts';

const NOT_READ: CommandReading = {
  programs: [],
  dynamic: false,
  unparsable: true,
  incomplete: false,
  unread: true,
  commandsFromInput: true,
};

/** More than this many quotes, brackets and expansions are not for people to type, nor for parsers to nest. */
const MAX_OPENERS = 1_500;

/**
 * Reads a line as the shell would: every program it would run, directly or through another one. Pure, total,
 * bounded: any text gives a reading, and what is not understood is said to be so.
 */
export function readCommand(line: string): CommandReading {
  if (line.length > MAX_SOURCE_LENGTH || countOpeners(line) > MAX_OPENERS) return NOT_READ;
  // CR at the end belongs to the key, not to the word. Shells drop NUL.
  const source = line.replace(/[\r\n]+$/, '').replaceAll('\0', '');
  const state = newReadState(WALKER);
  try {
    state.walker.source(source, state, { span: null, depth: 0, stdin: TERMINAL });
  } catch {
    // A defect of the parser must not become an open door.
    state.broken = true;
    state.exhausted = true;
  }
  const { broken, incomplete } = state;
  return {
    programs: broken ? [...state.programs, ...roughPrograms(source)] : state.programs,
    dynamic: state.dynamic || mentionsHistory(source),
    unparsable: broken,
    incomplete,
    unread: state.exhausted,
    // Where the line is not understood, nobody can say that no shell reads on.
    commandsFromInput: state.commandsFromInput || broken || state.exhausted,
  };
}

function countOpeners(line: string): number {
  let count = 0;
  for (let at = 0; at < line.length; at += 1) {
    const code = line.charCodeAt(at);
    // $ ( ` { [ <
    if (code === 36 || code === 40 || code === 96 || code === 123 || code === 91 || code === 60) count += 1;
  }
  return count;
}
