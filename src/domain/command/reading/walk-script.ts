import {
  forEachChild,
  type AndOr,
  type CommandNode,
  type CompoundList,
  type ParsedScript,
  type PipelineNode,
  type SyntaxNode,
  type Word,
} from 'unbash';
import { expandWord } from './expand-word.ts';
import type { Field } from './field.ts';
import {
  placeOf,
  spend,
  UNKNOWN_STDIN,
  type Frame,
  type Output,
  type ReadState,
  type Walker,
} from './read-state.ts';
import { applyRedirects } from './redirects.ts';
import { parseShell, wantsMore } from './shell-syntax.ts';
import { walkCommand } from './walk-program.ts';

/** Values of a loop that are tried one by one. */
const MAX_LOOP_VALUES = 16;

/** The walk, as readers of commands and words use it. */
export const WALKER: Walker = { source: walkSource, words: expandWords, nested: walkNested };

function walkSource(source: string, state: ReadState, frame: Frame): Output {
  if (!spend(state, frame)) return undefined;
  // Each layer of quoting costs a parse of what is inside; long ones cost more.
  state.budget -= source.length >> 8;
  const syntax = parseShell(source);
  state.broken ||= syntax.broken;
  state.incomplete ||= syntax.incomplete;
  return walkStatements(syntax.script.commands, state, frame);
}

function walkNested(node: SyntaxNode, state: ReadState, frame: Frame): Output {
  let output: Output;
  forEachChild(node, (child) => {
    if (child.type !== 'Script') {
      walkNested(child, state, frame);
      return;
    }
    const script: ParsedScript = child;
    for (const error of script.errors ?? []) {
      if (wantsMore(error, script.source ?? '')) state.incomplete = true;
      else state.broken = true;
    }
    const inside: Frame = {
      // Source that was decoded first has offsets of its own.
      span: script.source === undefined ? frame.span : placeOf(frame, node),
      depth: frame.depth + 1,
      stdin: node.type === 'ProcessSubstitution' && node.operator === '>' ? UNKNOWN_STDIN : frame.stdin,
    };
    output = spend(state, inside) ? walkStatements(script.commands, state, inside) : undefined;
  });
  return output;
}

function expandWords(words: readonly Word[], state: ReadState, frame: Frame): readonly Field[] {
  return words.flatMap((word) => expandWord(word, state, frame));
}

function walkStatements(
  statements: readonly { readonly command: PipelineNode | AndOr }[],
  state: ReadState,
  frame: Frame,
): Output {
  let output: Output;
  for (const statement of statements) output = walkNode(statement.command, state, frame);
  return statements.length === 1 ? output : undefined;
}

function walkList(list: CompoundList, state: ReadState, frame: Frame): Output {
  return walkStatements(list.commands, state, frame);
}

function walkNode(node: PipelineNode | AndOr | CompoundList, state: ReadState, frame: Frame): Output {
  if (!spend(state, frame)) return undefined;
  switch (node.type) {
    case 'CompoundList':
      return walkList(node, state, frame);
    case 'AndOr':
      for (const command of node.commands) walkNode(command, state, frame);
      return undefined;
    case 'Pipeline':
      return walkPipeline(node.commands, state, frame);
    default:
      return walkCommandNode(node, state, frame);
  }
}

function walkPipeline(commands: readonly CommandNode[], state: ReadState, frame: Frame): Output {
  let { stdin } = frame;
  let output: Output;
  for (const command of commands) {
    output = walkNode(command, state, { ...frame, stdin });
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
    case 'BraceGroup':
      return walkList(node.body, state, frame);
    case 'If':
      walkList(node.clause, state, frame);
      walkList(node.then, state, frame);
      for (const branch of node.elif) {
        walkList(branch.clause, state, frame);
        walkList(branch.then, state, frame);
      }
      if (node.else !== undefined) walkList(node.else, state, frame);
      return undefined;
    case 'While':
      walkList(node.clause, state, frame);
      walkList(node.body, state, frame);
      return undefined;
    case 'For':
    case 'Select':
      walkLoop(node.name.value, node.wordlist, node.body, state, frame);
      return undefined;
    case 'ArithmeticFor':
      walkNested(node, state, frame);
      walkList(node.body, state, frame);
      return undefined;
    case 'Case':
      expandWords([node.word], state, frame);
      for (const item of node.items) {
        expandWords(item.pattern, state, frame);
        walkList(item.body, state, frame);
      }
      return undefined;
    case 'Function':
    case 'Coproc':
      // A function is judged where it is defined: its name can be anything later.
      walkNode(node.body, state, frame);
      return undefined;
    case 'TestCommand':
    case 'ArithmeticCommand':
      walkNested(node, state, frame);
      return undefined;
    default:
      return node satisfies never;
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
  if (!known) {
    state.variables.set(name, null);
    walkList(body, state, frame);
    return;
  }
  for (const value of values) {
    state.variables.set(name, value.text);
    walkList(body, state, frame);
  }
}
