import type { SyntaxNode, Word } from 'unbash';
import type { Definitions } from '../definitions.ts';
import type { Program } from '../verdict.ts';
import { Bindings } from './bindings.ts';
import type { Field, Span } from './field.ts';

/** What a command prints, where that is plain from its text. */
export type Output = string | undefined;

/** The walk over scripts, for those who read single commands and words and meet scripts inside them. */
export interface Walker {
  /** Parses and walks shell source. */
  source(source: string, state: ReadState, frame: Frame): Output;
  /** Expands words into arguments; scripts inside them are walked. */
  words(words: readonly Word[], state: ReadState, frame: Frame): readonly Field[];
  /** Walks every script below a node; gives the output of the last one when it is known. */
  nested(node: SyntaxNode, state: ReadState, frame: Frame): Output;
}

/** What a reading collects while it walks the line and everything the line would run. */
export interface ReadState {
  readonly walker: Walker;
  readonly programs: Program[];
  dynamic: boolean;
  /** The budget ran out: something was left unread. */
  exhausted: boolean;
  broken: boolean;
  incomplete: boolean;
  /** A shell that the line starts takes commands from what the person sends. */
  commandsFromInput: boolean;
  /** What names stand for, as far as it is known. */
  readonly bindings: Bindings;
  /** Which of the alternatives is looked at, where a variable has several. */
  world: number;
  /** The variables with alternatives that were looked at, and the most alternatives one had. */
  ambiguous: ReadonlySet<string>;
  worlds: number;
  /** Work left before the reading gives up. */
  budget: number;
  /** Aliases and functions that may still be written out. */
  expansions: number;
}

/** What a command reads on its standard input. */
export type Stdin =
  | { readonly from: 'terminal' }
  | { readonly from: 'text'; readonly text: string }
  | { readonly from: 'unknown' };

/** Where the walk stands. */
export interface Frame {
  /** The text that the places of nodes refer to. */
  readonly source: string;
  /** Set inside source that was taken out of a word: the place of that word stands for all of it. */
  readonly span: Span | null;
  readonly depth: number;
  readonly stdin: Stdin;
  /** Aliases that are being written out, which are not replaced again, and calls of functions. */
  readonly within: readonly string[];
}

export const TERMINAL: Stdin = { from: 'terminal' };
export const UNKNOWN_STDIN: Stdin = { from: 'unknown' };

/** Nobody types what takes more, and a reading must stay short: this is two milliseconds or three. */
const BUDGET = 12_000;
/** What the parts of a line cost, measured; a blank between plain words costs 2 (see weigh-source.ts). */
export const COST = {
  step: 6,
  assignment: 9,
  /** A word with quotes or expansions. */
  word: 12,
  /** One value of a loop. */
  pass: 12,
  /** A command that changes what names mean, and each of its arguments. */
  effect: 24,
  argument: 12,
  /** One more of the alternatives of a variable. */
  alternative: 36,
  /** A source that is parsed. */
  source: 72,
} as const;
const MAX_DEPTH = 12;
const MAX_EXPANSIONS = 64;

export function newReadState(walker: Walker, { meanings, full }: Definitions): ReadState {
  return {
    walker,
    programs: [],
    dynamic: full,
    exhausted: false,
    broken: false,
    incomplete: false,
    commandsFromInput: false,
    bindings: new Bindings(meanings),
    world: 0,
    ambiguous: NONE,
    worlds: 1,
    budget: BUDGET,
    expansions: MAX_EXPANSIONS,
  };
}
export const NONE: ReadonlySet<string> = new Set();

/** Takes some work. False when there is none left, or when the nesting is too deep to go on. */
export function spend(state: ReadState, frame: Frame, cost: number = COST.step): boolean {
  state.budget -= cost;
  if (state.budget >= 0 && frame.depth <= MAX_DEPTH) return true;
  state.exhausted = true;
  return false;
}

/** Where the node stands in the line. The parser counts a character behind a backslash that is the last one. */
export function placeOf(frame: Frame, node: { readonly pos: number; readonly end: number }): Span {
  return frame.span ?? { start: node.pos, end: Math.min(node.end, frame.source.length) };
}
