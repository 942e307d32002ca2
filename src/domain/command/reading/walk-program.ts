import type { Assignment, Command, Word } from 'unbash';
import { eitherOf, nameKey, type Defined, type Meanings } from '../definitions.ts';
import type { Program } from '../verdict.ts';
import { walkAliases } from './aliases.ts';
import { assign, valueOf, walkAssignment } from './assignments.ts';
import { expandWord } from './expand-word.ts';
import { baseName, literalField, type Field, type Span } from './field.ts';
import { callFunction } from './functions.ts';
import { knownOutput } from './known-output.ts';
import {
  COST,
  NONE,
  placeOf,
  spend,
  UNKNOWN_STDIN,
  type Frame,
  type Output,
  type ReadState,
} from './read-state.ts';
import { applyRedirects } from './redirects.ts';
import { noteUnknownProgram, runSource, runStdin } from './run-source.ts';
import type { Inner } from './inner.ts';
import { isShell } from './interpreters.ts';
import { runText } from './unwrap-options.ts';
import { withArguments } from './xargs.ts';
import { changesShell, noteShellState } from './shell-state.ts';
import { unwrap } from './unwrap.ts';

/** Variables that by custom hold the name of a program and are not empty. */
const HOLDS_PROGRAM = /^"?\$\{?(EDITOR|VISUAL|PAGER|BROWSER|SHELL)\}?"?$/;
/** The name is plain, whatever the folder in front of it is: `"$HOME"/bin/backup`. */
const PLAIN_NAME = /\/[A-Za-z0-9_.+-]+"?$/;
/** Words of the grammar of fish and zsh that a command of the same shell stands behind. */
const KEYWORDS: ReadonlySet<string> = new Set(['and', 'or', 'not', 'begin', 'time', 'noglob', 'nocorrect']);

/** What of the shell a command can reach: behind `sudo` it finds no functions, and changes no variable. */
type Reach = 'functions' | 'builtins' | 'programs';

/** One simple command, with every value that its variables may have. */
export function walkCommand(command: Command, state: ReadState, frame: Frame): Output {
  const { world, worlds, ambiguous } = state;
  const { mark } = state.bindings;
  state.worlds = 1;
  state.ambiguous = NONE;
  let output: Output;
  const alternatives: Defined[] = [];
  for (state.world = 0; state.world < state.worlds; state.world += 1) {
    output = walkOnce(command, state, frame);
    if (state.worlds === 1) break;
    state.budget -= COST.alternative;
    alternatives.push(state.bindings.undo(mark));
  }
  if (alternatives.length > 0) {
    output = undefined;
    state.bindings.redo(alternatives);
  }
  // The first values are tried together, the second ones, and so on; other mixes are too many.
  if (state.ambiguous.size > 1) state.dynamic = true;
  state.world = world;
  state.worlds = worlds;
  state.ambiguous = ambiguous;
  return output;
}

/** Assignments, redirections, the program and all that it runs in turn. */
function walkOnce(command: Command, state: ReadState, frame: Frame): Output {
  const before: (readonly [name: string, meanings: Meanings])[] = [];
  for (const part of command.prefix) {
    if (part.type !== 'Assignment') continue;
    before.push([part.name, state.bindings.get(part.name)]);
    walkAssignment(part, state, frame);
  }
  const stdin = applyRedirects(command.redirects, state, frame);
  if (command.name === undefined) return undefined;
  const output = walkNamed(command, command.name, state, stdin === frame.stdin ? frame : { ...frame, stdin });
  // `X=ls cmd` is over with the command, unless that is one of the shell.
  for (const [name, meanings] of before)
    state.bindings.set(name, eitherOf(meanings, state.bindings.get(name)));
  return output;
}

function walkNamed(command: Command, name: Word, state: ReadState, frame: Frame): Output {
  const { bindings } = state;
  const { mark } = bindings;
  const aliased = bindings.isEmpty ? undefined : walkAliases(command, name, state, frame);
  const fields = [...expandWord(name, state, frame)];
  for (const arg of command.args) {
    for (const field of arg.type === 'Word'
      ? expandWord(arg, state, frame)
      : expandArgument(arg, state, frame))
      fields.push(field);
  }
  const output = runFields(fields, state, frame, 'functions');
  // `exec < file`: the shell goes on reading commands from the file.
  const input = command.redirects.some((one) => one.type !== 'Redirect' || one.operator.startsWith('<'));
  if (input && fields.length === 1 && fields[0]?.text === 'exec') state.dynamic = true;
  if (aliased === undefined) return output;
  bindings.settle(mark);
  return aliased.output;
}

/** The program that the fields start, and what it starts in turn. Gives what it prints, if that is plain. */
export function runFields(fields: readonly Field[], state: ReadState, frame: Frame, reach: Reach): Output {
  if (!spend(state, frame, COST.step + (fields.length >> 3))) return undefined;
  let from = 0;
  for (; from < fields.length; from += 1) {
    const head = fields[from];
    if (head === undefined || !head.mayVanish || head.text !== '') break;
    // `$X su`: with X empty this runs su.
    state.dynamic = true;
    noteUnknownProgram(state, frame);
    if (HOLDS_PROGRAM.test(head.source)) return undefined;
  }
  const head = fields[from];
  if (head === undefined) return undefined;
  const args = fields.slice(from + 1);
  if (!head.certain || head.expanded) state.dynamic = true;
  if (!head.certain && !PLAIN_NAME.test(head.source)) noteUnknownProgram(state, frame);
  const program = programOf(head, args);
  const { name } = program;
  if (name === '') return undefined;
  state.programs.push(program);
  const span = { start: program.start, end: program.end };
  if (reach === 'programs' || !changesShell(name)) state.bindings.noteProgram();
  const defined = state.bindings.isEmpty ? NOT_DEFINED : runDefined(head, args, span, state, frame, reach);
  const inners = unwrap(name, args);
  let output: Output;
  for (const inner of inners) {
    if (state.exhausted) break;
    output = runInner(inner, name, span, state, frame, reach) ?? output;
  }
  if (reach !== 'programs') noteShellState(name, args, frame, state);
  if (defined.isDefined) return defined.output;
  return inners.length === 0 ? knownOutput(name, args, frame.stdin) : output;
}

function programOf(head: Field, args: readonly Field[]): Program {
  // `!su` runs the last line that began so (Bash manual 9.3.1): any program of such a name.
  const isEvent = /^!\w/.test(head.source);
  const name = isEvent ? `${head.text.slice(1)}*` : programName(head.text);
  const texts: string[] = [];
  const uncertainArgs: number[] = [];
  for (const [index, { text, certain, source }] of args.entries()) {
    texts.push(text === '' && !certain ? source : text);
    if (!certain) uncertainArgs.push(index);
  }
  return {
    name,
    args: texts,
    start: head.start,
    end: Math.max(head.end, args.at(-1)?.end ?? 0),
    nameIsPattern: isEvent || (head.pattern && /[*?]/.test(name)),
    uncertainArgs,
  };
}

const NOT_DEFINED = { isDefined: false, output: undefined } as const;

/** What the name stands for, where somebody gave it a meaning: a function, a file. */
function runDefined(
  head: Field,
  args: readonly Field[],
  span: Span,
  state: ReadState,
  frame: Frame,
  reach: Reach,
): { readonly isDefined: boolean; readonly output: Output } {
  const { bindings } = state;
  const bodies = reach === 'functions' ? bindings.get(nameKey('function', head.text)) : [];
  let output: Output;
  for (const body of bodies) output = callFunction(head.text, body, args, span, state, frame);
  const files = bindings.get(nameKey('path', head.text));
  for (const file of files) {
    const inside: Frame = { ...frame, depth: frame.depth + 1 };
    if (file === null) state.dynamic = true;
    else output = runFields([literalField(file, span), ...args], state, inside, 'programs');
  }
  const meanings = bodies.length + files.length;
  return { isDefined: meanings > 0, output: meanings === 1 ? output : undefined };
}

function runInner(
  inner: Inner,
  name: string,
  span: Span,
  state: ReadState,
  frame: Frame,
  reach: Reach,
): Output {
  switch (inner.runs) {
    case 'fields': {
      state.budget -= inner.fields.length;
      const inherits = inner.stdin === 'inherited';
      const inside: Frame = {
        ...frame,
        depth: frame.depth + 1,
        stdin: inherits ? frame.stdin : UNKNOWN_STDIN,
      };
      const output = runFields(inner.fields, state, inside, reachBehind(name, reach));
      // `find` and `xargs` run it any number of times.
      return inherits ? output : undefined;
    }
    case 'source': {
      const { commandsFromInput } = state;
      const output = runSource(inner, state, frame);
      // A shell in it reads on when the alias is used.
      if (name === 'alias') state.commandsFromInput = commandsFromInput;
      return inner.sameShell || isShell(name) ? output : undefined;
    }
    case 'arguments': {
      const inside: Frame = { ...frame, depth: frame.depth + 1, stdin: UNKNOWN_STDIN };
      for (const fields of withArguments(inner, frame.stdin)) runFields(fields, state, inside, 'programs');
      return undefined;
    }
    case 'input': {
      if (frame.stdin.from === 'unknown' && inner.language !== 'escapes') state.dynamic = true;
      if (frame.stdin.from !== 'text') return undefined;
      const text = literalField(frame.stdin.text, span);
      for (const one of runText(inner.language, text)) {
        if (state.exhausted) break;
        runInner(one, name, span, state, frame, reach);
      }
      return undefined;
    }
    case 'stdin':
      return runStdin(state, frame);
    case 'unknown':
      state.dynamic = true;
      return undefined;
    default:
      return inner satisfies never;
  }
}

function reachBehind(name: string, reach: Reach): Reach {
  if (KEYWORDS.has(name)) return reach;
  return reach !== 'programs' && (name === 'command' || name === 'builtin') ? 'builtins' : 'programs';
}

/** The last component of a path. `=su` is the path of su to zsh. */
function programName(text: string): string {
  const name = baseName(text);
  return name.startsWith('=') && name.length > 1 ? name.slice(1) : name;
}

function expandArgument(arg: Assignment, state: ReadState, frame: Frame): readonly Field[] {
  if (!spend(state, frame, COST.argument)) return [];
  // The command itself takes note of a plain value.
  const isPlain = arg.value.type === 'Word' && arg.index === undefined;
  const value = isPlain ? valueOf(arg, state, frame) : assign(arg, state, frame);
  const span = placeOf(frame, arg);
  const name = `${arg.name}${arg.index === undefined ? '' : `[${arg.index.text}]`}${arg.append === true ? '+' : ''}=`;
  if (value === undefined) return [{ ...literalField(name, span), certain: false, source: arg.text }];
  return [{ ...value, text: name + value.text, source: arg.text, mayVanish: false, ...span }];
}
