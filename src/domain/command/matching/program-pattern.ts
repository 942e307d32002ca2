import type { Program } from '../verdict.ts';
import { matchesWildcard } from './wildcard.ts';

/** What a reading says as a whole; a rule of kind `program` may name it instead of a program. */
export type Fact = 'dynamic' | 'unparsable';

export interface ProgramPattern {
  readonly name: string;
  /** Options that must be there, in any order. */
  readonly options: readonly string[];
  /** Operands that must be there, in this order, from the first on. */
  readonly operands: readonly string[];
}

export type ProgramMatch =
  /** `fragment`: the name and the arguments that matched. */
  | { readonly matches: 'yes'; readonly fragment: string }
  /** An argument known only at run time could make it match. */
  | { readonly matches: 'maybe' }
  | { readonly matches: 'no' };

const NO: ProgramMatch = { matches: 'no' };
const MAYBE: ProgramMatch = { matches: 'maybe' };

/**
 * Reads `su`, `init 0`, `systemctl reboot`, `rm -rf /`, `mkfs.*`: a program name and arguments it must have.
 * `*` in any of them stands for any characters, `**` as an argument for any arguments. A path is reduced to the name: programs are compared by name.
 */
export function parseProgramPattern(text: string): ProgramPattern | undefined {
  const [first, ...args] = text.trim().split(/\s+/);
  if (first === undefined || first === '') return undefined;
  const name = first.slice(first.lastIndexOf('/') + 1);
  if (name === '') return undefined;
  const isOption = (arg: string): boolean => /^-./.test(arg);
  return { name, options: args.filter(isOption), operands: args.filter((arg) => !isOption(arg)) };
}

export function parseFact(text: string): Fact | undefined {
  if (text === '@dynamic') return 'dynamic';
  return text === '@unparsable' ? 'unparsable' : undefined;
}

export function matchProgram(
  pattern: ProgramPattern,
  program: Program,
  operands: readonly Operand[] = operandsOf(program),
): ProgramMatch {
  if (!nameMatches(pattern, program)) return NO;
  let outcome = operandOutcome(pattern.operands, operands);
  for (const option of pattern.options) {
    if (outcome === 'no') return NO;
    const found = optionOutcome(option, program);
    if (found !== 'yes') outcome = found;
  }
  if (outcome === 'no') return NO;
  if (outcome === 'maybe') return MAYBE;
  // A file name pattern is shown as it stands; what it would become is only a guess.
  const shownName = program.nameIsPattern ? pattern.name : program.name;
  const wanted = [...pattern.options, ...pattern.operands.filter((operand) => operand !== '**')];
  const shown = program.args.filter((arg) => wanted.some((one) => matchesWildcard(one, arg)));
  return { matches: 'yes', fragment: [shownName, ...shown].join(' ') };
}

/** An operand without a wildcard: a program that lacks it does not match. */
export function neededOperand(pattern: ProgramPattern): string | undefined {
  return pattern.operands.find((operand) => !/[*?]/.test(operand));
}

/** Names without a wildcard can be looked up; the others must be tried one by one. */
export function hasPlainName(pattern: ProgramPattern): boolean {
  return !/[*?]/.test(pattern.name);
}

function nameMatches(pattern: ProgramPattern, program: Program): boolean {
  if (matchesWildcard(pattern.name, program.name)) return true;
  return program.nameIsPattern && matchesWildcard(program.name, pattern.name);
}

type Outcome = ProgramMatch['matches'];

function optionOutcome(option: string, program: Program): Outcome {
  const present = program.args.some(
    (arg) => matchesWildcard(option, arg) || (option.startsWith('--') && arg.startsWith(`${option}=`)),
  );
  if (present || clusterPresent(option, program)) return 'yes';
  return program.uncertainArgs.length > 0 ? 'maybe' : 'no';
}

/** `-rf` is there in `-r -f`, `-fr` and `-vrf`. Longer ones are words of their own, as `-delete` of find. */
function clusterPresent(option: string, program: Program): boolean {
  if (!/^-[A-Za-z]{1,3}$/.test(option)) return false;
  const letters = program.args.filter((arg) => /^-[A-Za-z]{1,6}$/.test(arg)).join('');
  return Array.from(option.slice(1)).every((letter) => letters.includes(letter));
}

/**
 * Operands in order from the first; `**` stands for any number of them. An operand behind an option may
 * belong to that option (`systemctl -H web01 reboot`), so it may be passed over.
 */
function operandOutcome(wanted: readonly string[], operands: readonly Operand[]): Outcome {
  const gap = wanted.indexOf('**');
  if (gap < 0) return matchFrom(wanted, operands, 0).outcome;
  const head = matchFrom(wanted.slice(0, gap), operands, 0);
  if (head.outcome === 'no') return 'no';
  const tail = wanted.slice(gap + 1);
  let best: Outcome = 'no';
  for (let from = head.next; from <= operands.length; from += 1) {
    const { outcome } = matchFrom(tail, operands, from);
    if (outcome === 'yes') return head.outcome;
    if (outcome === 'maybe') best = 'maybe';
  }
  return best;
}

export interface Operand {
  readonly text: string;
  readonly uncertain: boolean;
  readonly behindOption: boolean;
}

/** The arguments that are no options. */
export function operandsOf(program: Program): readonly Operand[] {
  const operands: Operand[] = [];
  let behindOption = false;
  let optionsOver = false;
  for (const [index, text] of program.args.entries()) {
    if (!optionsOver && text.startsWith('-') && text.length > 1) {
      optionsOver = text === '--';
      behindOption = !optionsOver && !text.includes('=');
      continue;
    }
    operands.push({ text, uncertain: program.uncertainArgs.includes(index), behindOption });
    behindOption = false;
  }
  return operands;
}

function matchFrom(
  wanted: readonly string[],
  operands: readonly Operand[],
  from: number,
): { readonly outcome: Outcome; readonly next: number } {
  let next = from;
  let outcome: Outcome = 'yes';
  for (const expected of wanted) {
    while (operands[next]?.behindOption === true && !fits(expected, operands[next])) next += 1;
    const operand = operands[next];
    if (operand === undefined) return { outcome: 'no', next };
    next += 1;
    if (matchesWildcard(expected, operand.text)) continue;
    if (!operand.uncertain) return { outcome: 'no', next };
    outcome = 'maybe';
  }
  return { outcome, next };
}

function fits(expected: string, operand: Operand | undefined): boolean {
  return operand !== undefined && (operand.uncertain || matchesWildcard(expected, operand.text));
}
