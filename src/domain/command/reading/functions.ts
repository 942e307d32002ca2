import { MAX_MEANING_LENGTH, nameKey, type Meanings } from '../definitions.ts';
import type { Field, Span } from './field.ts';
import type { Frame, Output, ReadState } from './read-state.ts';

/** How often a function is followed into itself. */
const MAX_RECURSION = 2;
/** Parameters that are known one by one. */
const MAX_PARAMETERS = 9;
/** All parameters at once; fish and zsh have `$argv`. */
const ALL = ['@', '*', 'argv'];

export function bindFunction(name: string, body: string, { bindings }: ReadState): void {
  bindings.set(nameKey('function', name), [body.length <= MAX_MEANING_LENGTH ? body : null]);
}

/** Runs what a function runs that is called so, by one of its meanings. */
export function callFunction(
  name: string,
  body: string | null,
  args: readonly Field[],
  span: Span,
  state: ReadState,
  frame: Frame,
): Output {
  const call = `function ${name}`;
  const depth = frame.within.filter((one) => one === call).length;
  if (body === null || depth > MAX_RECURSION || state.expansions <= 0) {
    state.dynamic = true;
    return undefined;
  }
  state.expansions -= 1;
  const { incomplete, bindings } = state;
  const { mark } = bindings;
  const inside: Frame = { ...frame, span, depth: frame.depth + 1, within: [...frame.within, call] };
  let output: Output;
  withParameters(args, state, () => {
    output = state.walker.source(body, state, inside);
  });
  // `return` can leave out any part of it.
  bindings.settle(mark);
  // A here-document can stand behind the body; what it lacks, the line does not.
  state.incomplete = incomplete;
  return output;
}

/** Runs something that has parameters of its own; undefined: nobody knows which. */
export function withParameters(args: readonly Field[] | undefined, state: ReadState, work: () => void): void {
  const own = new Map<string, Meanings>();
  for (let index = 1; index <= MAX_PARAMETERS; index += 1) {
    const arg = args?.[index - 1];
    const value = arg !== undefined && isKnown(arg) ? arg.text : null;
    own.set(String(index), [args !== undefined && index > args.length ? '' : value]);
  }
  const all = allParameters(args);
  for (const name of ALL) own.set(name, all);
  state.bindings.local(own, work);
}

function allParameters(args: readonly Field[] | undefined): Meanings {
  if (args === undefined) return [null];
  const joined = args.map((arg) => arg.text).join(' ');
  if (joined.length > MAX_MEANING_LENGTH) return [null];
  return args.every(isKnown) ? [joined] : [null, joined];
}

function isKnown(arg: Field): boolean {
  return (arg.certain || arg.pattern) && arg.text.length <= MAX_MEANING_LENGTH;
}
