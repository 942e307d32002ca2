import {
  forEachChild,
  type AndOr,
  type CommandNode,
  type CompoundList,
  type Function as ShellFunction,
  type ParsedScript,
  type PipelineNode,
  type SyntaxNode,
  type Word,
} from 'unbash';
import { expandWord } from './expand-word.ts';
import type { Field } from './field.ts';
import { bindFunction, withParameters } from './functions.ts';
import {
  COST,
  placeOf,
  spend,
  UNKNOWN_STDIN,
  type Frame,
  type Output,
  type ReadState,
  type Walker,
} from './read-state.ts';
import { applyRedirects } from './redirects.ts';
import { judgeErrors, parseShell } from './shell-syntax.ts';
import { weighSource } from './weigh-source.ts';
import { walkCommand } from './walk-program.ts';

/** Values of a loop that are tried one by one. */
const MAX_LOOP_VALUES = 16;
/** A loop whose body changes what names mean is read this often, and once more with what still changes unknown. */
const MAX_PASSES = 2;

/** The walk, as readers of commands and words use it. */
export const WALKER: Walker = { source: walkSource, words: expandWords, nested: walkNested };

function walkSource(source: string, state: ReadState, frame: Frame): Output {
  // Each layer of quoting costs a parse of what is inside.
  if (!spend(state, frame, COST.source + weighSource(source))) return undefined;
  const syntax = parseShell(source);
  state.broken ||= syntax.broken;
  state.incomplete ||= syntax.incomplete;
  return walkStatements(syntax.script.commands, state, { ...frame, source });
}

function walkNested(node: SyntaxNode, state: ReadState, frame: Frame): Output {
  let output: Output;
  forEachChild(node, (child) => {
    if (child.type !== 'Script') {
      walkNested(child, state, frame);
      return;
    }
    const script: ParsedScript = child;
    const errors = judgeErrors(script.errors, script.source ?? '');
    state.broken ||= errors.broken;
    state.incomplete ||= errors.incomplete;
    const inside: Frame = {
      ...frame,
      source: script.source ?? frame.source,
      // Source that was decoded first has offsets of its own.
      span: script.source === undefined ? frame.span : placeOf(frame, node),
      depth: frame.depth + 1,
      stdin: node.type === 'ProcessSubstitution' && node.operator === '>' ? UNKNOWN_STDIN : frame.stdin,
    };
    const { mark } = state.bindings;
    output = spend(state, inside) ? walkStatements(script.commands, state, inside) : undefined;
    state.bindings.settle(mark);
  });
  return output;
}

function expandWords(words: readonly Word[], state: ReadState, frame: Frame): readonly Field[] {
  state.budget -= words.length;
  // A loop, not flatMap: this is where most of the time goes.
  const fields: Field[] = [];
  for (const word of words) for (const field of expandWord(word, state, frame)) fields.push(field);
  return fields;
}

function walkStatements(
  statements: readonly {
    readonly command: PipelineNode | AndOr;
    readonly background?: boolean | undefined;
  }[],
  state: ReadState,
  frame: Frame,
): Output {
  let output: Output;
  for (const { command, background } of statements) {
    const { mark } = state.bindings;
    output = walkNode(command, state, frame);
    if (background === true) state.bindings.settle(mark);
  }
  return statements.length === 1 ? output : undefined;
}

function walkList(list: CompoundList, state: ReadState, frame: Frame): Output {
  return walkStatements(list.commands, state, frame);
}

/** A part that may not be run, or by another shell. */
function walkBranch(node: PipelineNode | AndOr | CompoundList, state: ReadState, frame: Frame): Output {
  const { mark } = state.bindings;
  const output = walkNode(node, state, frame);
  state.bindings.settle(mark);
  return output;
}

function walkNode(node: PipelineNode | AndOr | CompoundList, state: ReadState, frame: Frame): Output {
  if (!spend(state, frame)) return undefined;
  switch (node.type) {
    case 'CompoundList':
      return walkList(node, state, frame);
    case 'AndOr':
      walkAndOr(node, state, frame);
      return undefined;
    case 'Pipeline':
      return walkPipeline(node.commands, state, frame);
    default:
      return walkCommandNode(node, state, frame);
  }
}

function walkAndOr({ commands, operators }: AndOr, state: ReadState, frame: Frame): void {
  let mark: number | undefined;
  for (const [index, command] of commands.entries()) {
    // What stands behind `&&` runs after all before it; what is next to `||`, nobody knows.
    const isNextToOr = operators[index - 1] === '||' || operators[index] === '||';
    walkNode(command, state, frame);
    if (mark !== undefined && isNextToOr) state.bindings.settle(mark);
    if (mark === undefined || isNextToOr) ({ mark } = state.bindings);
  }
  state.bindings.settle(mark ?? 0);
}

function walkPipeline(commands: readonly CommandNode[], state: ReadState, frame: Frame): Output {
  if (commands.length === 1 && commands[0] !== undefined) return walkNode(commands[0], state, frame);
  let { stdin } = frame;
  let output: Output;
  for (const command of commands) {
    // Each in a shell of its own, or the last one in this one (zsh, ksh).
    output = walkBranch(command, state, { ...frame, stdin });
    stdin = output === undefined ? UNKNOWN_STDIN : { from: 'text', text: output };
  }
  return output;
}

function walkCommandNode(node: CommandNode, state: ReadState, frame: Frame): Output {
  switch (node.type) {
    case 'Command':
      return walkCommand(node, state, frame);
    case 'Redirected':
      return walkNode(node.command, state, {
        ...frame,
        stdin: applyRedirects(node.redirects, state, frame),
      });
    case 'Subshell':
      return walkBranch(node.body, state, frame);
    case 'BraceGroup':
      return walkList(node.body, state, frame);
    case 'If':
      walkList(node.clause, state, frame);
      walkBranch(node.then, state, frame);
      for (const branch of node.elif) {
        walkBranch(branch.clause, state, frame);
        walkBranch(branch.then, state, frame);
      }
      if (node.else !== undefined) walkBranch(node.else, state, frame);
      return undefined;
    case 'While':
      repeat(state, () => {
        walkList(node.clause, state, frame);
        walkList(node.body, state, frame);
      });
      return undefined;
    case 'For':
    case 'Select':
      walkLoop(node.name.value, node.wordlist, node.body, state, frame);
      return undefined;
    case 'ArithmeticFor':
      walkNested(node, state, frame);
      repeat(state, () => walkList(node.body, state, frame));
      return undefined;
    case 'Case':
      expandWords([node.word], state, frame);
      for (const item of node.items) {
        expandWords(item.pattern, state, frame);
        walkBranch(item.body, state, frame);
      }
      return undefined;
    case 'Function':
      defineFunction(node, state, frame);
      return undefined;
    case 'Coproc':
      walkBranch(node.body, state, frame);
      return undefined;
    case 'TestCommand':
    case 'ArithmeticCommand':
      walkNested(node, state, frame);
      return undefined;
    default:
      return node satisfies never;
  }
}

/** A body that runs any number of times sees what it did to names itself. */
function repeat(state: ReadState, body: () => void): void {
  const { bindings } = state;
  for (let pass = 1; ; pass += 1) {
    const { mark } = bindings;
    body();
    const changed = bindings.settle(mark);
    if (changed.length === 0 || pass > MAX_PASSES) return;
    // Values that grow with every pass are not known.
    if (pass === MAX_PASSES) for (const name of changed) bindings.add(name, [null]);
  }
}

function walkLoop(
  name: string,
  words: readonly Word[] | undefined,
  body: CompoundList,
  state: ReadState,
  frame: Frame,
): void {
  const values = words === undefined ? [] : expandWords(words, state, frame);
  const known = values.length > 0 && values.length <= MAX_LOOP_VALUES && values.every((one) => one.certain);
  const { bindings } = state;
  const { mark } = bindings;
  if (known) {
    for (const value of values) {
      if (!spend(state, frame, COST.pass)) break;
      bindings.set(name, [value.text]);
      walkList(body, state, frame);
    }
  } else {
    bindings.set(name, [null]);
    repeat(state, () => walkList(body, state, frame));
  }
  // `break` and `continue` can leave out any part of the body.
  bindings.settle(mark);
}

/** Functions that shells call by themselves (bash, zsh, fish). */
const CALLED_BY_SHELL =
  /^(command_not_found_handler?|precmd|preexec|chpwd|periodic|zshexit|zshaddhistory|TRAP\w+|fish_\w+)$/;

/** A function is judged where it is defined: it can be called in ways that nobody sees. */
function defineFunction(node: ShellFunction, state: ReadState, frame: Frame): void {
  const { bindings, commandsFromInput } = state;
  const { mark } = bindings;
  const name = node.name.value;
  withParameters(undefined, state, () => walkNode(node.body, state, frame));
  bindings.settle(mark);
  // A shell in it reads on when it is called.
  if (!CALLED_BY_SHELL.test(name)) state.commandsFromInput = commandsFromInput;
  // A body that did not parse: fish writes it in another way.
  if (node.body.type === 'CompoundList') return;
  bindFunction(name, frame.source.slice(node.body.pos, node.body.end), state);
}
