import type { Assignment, Command, CommandArgument } from 'unbash';
import { baseName, literalField, type Field } from './field.ts';
import { knownOutput } from './known-output.ts';
import {
  placeOf,
  spend,
  TERMINAL,
  UNKNOWN_STDIN,
  type Frame,
  type Output,
  type ReadState,
} from './read-state.ts';
import { applyRedirects } from './redirects.ts';
import type { InnerSource } from './inner.ts';
import { unwrap } from './unwrap.ts';

/** Variables whose value a shell, or every program it starts, runs as code. */
const RUN_AS_SOURCE: ReadonlySet<string> = new Set(['PROMPT_COMMAND', 'PS0', 'PS1', 'PS2', 'PS4']);
const RUN_AS_FILE: ReadonlySet<string> = new Set(['BASH_ENV', 'ENV', 'LD_PRELOAD', 'LD_AUDIT', 'ZDOTDIR']);
/** Variables that by custom hold the name of a program and are not empty. */
const HOLDS_PROGRAM = /^"?\$\{?(EDITOR|VISUAL|PAGER|BROWSER|SHELL)\}?"?$/;

/** The name is plain, whatever the folder in front of it is: `"$HOME"/bin/backup`. */
const PLAIN_NAME = /\/[A-Za-z0-9_.+-]+"?$/;

/** One simple command: assignments, redirections, the program and all that it runs in turn. */
export function walkCommand(command: Command, state: ReadState, frame: Frame): Output {
  for (const part of command.prefix) {
    if (part.type !== 'Assignment') continue;
    const value = assign(part, state, frame);
    reportAssignment(part, value, state, frame);
  }
  const stdin = applyRedirects(command.redirects, state, frame);
  if (command.name === undefined) return undefined;
  const fields = [
    ...state.walker.words([command.name], state, frame),
    ...command.args.flatMap((arg) => expandArgument(arg, state, frame)),
  ];
  const inside: Frame = { ...frame, stdin };
  runFields(fields, state, inside);
  noteShellState(fields, command, state);
  return knownOutput(fields, stdin);
}

/** The program that the fields start, and what it starts in turn. */
export function runFields(fields: readonly Field[], state: ReadState, frame: Frame): void {
  if (!spend(state, frame)) return;
  let from = 0;
  for (; from < fields.length; from += 1) {
    const head = fields[from];
    if (head === undefined || !head.mayVanish || head.text !== '') break;
    // `$X su`: with X empty this runs su.
    state.dynamic = true;
    noteUnknownProgram(state, frame);
    if (HOLDS_PROGRAM.test(head.source)) return;
  }
  const [head, ...args] = fields.slice(from);
  if (head === undefined) return;
  if (!head.certain || head.expanded) state.dynamic = true;
  if (!head.certain && !PLAIN_NAME.test(head.source)) noteUnknownProgram(state, frame);
  // `!su` runs the last line that began so (Bash manual 9.3.1): any program of such a name.
  const isEvent = /^!\w/.test(head.source);
  const name = isEvent ? `${head.text.slice(1)}*` : baseName(head.text);
  if (name === '') return;
  state.programs.push({
    name,
    args: args.map((arg) => (arg.text === '' && !arg.certain ? arg.source : arg.text)),
    start: head.start,
    end: Math.max(head.end, args.at(-1)?.end ?? 0),
    nameIsPattern: isEvent || (head.pattern && /[*?]/.test(name)),
    uncertainArgs: args.flatMap((arg, index) => (arg.certain ? [] : [index])),
  });
  for (const inner of unwrap(name, args)) {
    switch (inner.runs) {
      case 'fields':
        runFields(inner.fields, state, {
          ...frame,
          depth: frame.depth + 1,
          stdin: inner.stdin === 'unknown' ? UNKNOWN_STDIN : frame.stdin,
        });
        break;
      case 'source':
        runSource(inner, state, frame);
        break;
      case 'stdin':
        runStdin(state, frame);
        break;
      case 'unknown':
        state.dynamic = true;
        break;
      default:
        inner satisfies never;
    }
  }
}

/** A program that is named at run time can be a shell. */
function noteUnknownProgram(state: ReadState, { stdin }: Frame): void {
  if (stdin.from !== 'text') state.commandsFromInput = true;
}

function runSource(inner: InnerSource, state: ReadState, frame: Frame): void {
  const { source, parameters } = inner;
  if (!source.certain && !source.pattern) {
    state.dynamic = true;
    // `eval "$(cat)"`: what is run can come from anywhere.
    if (inner.sameShell) noteUnknownProgram(state, frame);
  }
  const saved = new Map(state.variables);
  for (const [index, parameter] of parameters.slice(0, 10).entries())
    state.variables.set(String(index), parameter.text);
  const all = parameters.slice(1).map((parameter) => parameter.text);
  for (const name of ['@', '*']) state.variables.set(name, all.join(' '));
  const { start, end } = source;
  state.walker.source(source.text, state, {
    span: { start, end },
    depth: frame.depth + 1,
    stdin: frame.stdin,
  });
  if (inner.sameShell) return;
  state.variables.clear();
  for (const [name, value] of saved) state.variables.set(name, value);
}

function runStdin(state: ReadState, frame: Frame): void {
  const { stdin } = frame;
  if (stdin.from === 'unknown') state.dynamic = true;
  if (stdin.from !== 'text') {
    // Behind a pipe as well: `cat | sh` runs what the person sends.
    state.commandsFromInput = true;
    return;
  }
  const last = state.programs.at(-1);
  const span = frame.span ?? { start: last?.start ?? 0, end: last?.end ?? 0 };
  const incompleteBefore = state.incomplete;
  state.walker.source(stdin.text, state, { span, depth: frame.depth + 1, stdin: TERMINAL });
  // What the inner shell still waits for, the outer one does not.
  state.incomplete = incompleteBefore;
}

function expandArgument(arg: CommandArgument, state: ReadState, frame: Frame): readonly Field[] {
  if (arg.type === 'Word') return state.walker.words([arg], state, frame);
  const value = assign(arg, state, frame);
  const span = placeOf(frame, arg);
  const name = `${arg.name}${arg.append === true ? '+' : ''}=`;
  if (value === undefined) return [{ ...literalField(name, span), certain: false, source: arg.text }];
  return [{ ...value, text: name + value.text, source: arg.text, mayVanish: false, ...span }];
}

/** An assignment is reported as a program named `=`, so that rules can speak about it (`= HISTFILE=*`). */
function reportAssignment(part: Assignment, value: Field | undefined, state: ReadState, frame: Frame): void {
  state.programs.push({
    name: '=',
    args: [value === undefined ? part.text : `${part.name}=${value.text}`],
    ...placeOf(frame, part),
    nameIsPattern: false,
    uncertainArgs: value?.certain === true ? [] : [0],
  });
}

/** Takes note of the value; gives it as one field. */
function assign(assignment: Assignment, state: ReadState, frame: Frame): Field | undefined {
  if (assignment.index !== undefined) state.walker.words([assignment.index], state, frame);
  const { name, value } = assignment;
  if (value.type === 'ArrayValue') {
    const elements = state.walker.words(value.elements, state, frame);
    const known = elements.every((element) => element.certain);
    state.variables.set(`${name}[@]`, known ? elements.map((element) => element.text).join(' ') : null);
    state.variables.set(name, elements[0]?.certain === true ? elements[0].text : null);
    return undefined;
  }
  const pieces = state.walker.words([value], state, frame);
  const text = pieces.map((piece) => piece.text).join(' ');
  const certain = pieces.every((piece) => piece.certain || piece.pattern);
  const field: Field = { ...literalField(text, placeOf(frame, value)), certain };
  const before = assignment.append === true ? state.variables.get(name) : '';
  state.variables.set(name, certain && before !== null ? `${before ?? ''}${text}` : null);
  if (RUN_AS_FILE.has(name)) state.dynamic = true;
  if (RUN_AS_SOURCE.has(name) && text !== '') noteRunLater(name, field, state, frame);
  return field;
}

/** `PROMPT_COMMAND=su` runs at the next prompt; a prompt text runs the substitutions in it. */
function noteRunLater(name: string, field: Field, state: ReadState, frame: Frame): void {
  if (name === 'PROMPT_COMMAND') {
    state.dynamic = true;
    runSource({ source: field, parameters: [], sameShell: true }, state, frame);
  } else if (/[$`]/.test(field.text)) {
    state.dynamic = true;
    runSource(
      {
        source: { ...field, text: `: "${field.text.replaceAll('"', '\\"')}"` },
        parameters: [],
        sameShell: true,
      },
      state,
      frame,
    );
  }
}

/** Commands that change what later words mean. */
function noteShellState(fields: readonly Field[], command: Command, state: ReadState): void {
  const [head, ...args] = fields;
  if (head === undefined) return;
  const input = command.redirects.some((one) => one.type !== 'Redirect' || one.operator.startsWith('<'));
  // `exec < file`: the shell goes on reading commands from the file.
  if (head.text === 'exec' && args.length === 0 && input) state.dynamic = true;
  if (head.text === 'read') for (const arg of args) state.variables.set(arg.text, null);
  if (head.text === 'unset') for (const arg of args) state.variables.set(arg.text, '');
  if (head.text === 'set' && args[0]?.text === '--') {
    const values = args.slice(1).map((arg) => arg.text);
    for (const [index, value] of values.slice(0, 9).entries()) state.variables.set(String(index + 1), value);
    for (const name of ['@', '*']) state.variables.set(name, values.join(' '));
  }
}
