import { MAX_MEANING_LENGTH, nameKey } from '../definitions.ts';
import type { Field, Span } from './field.ts';
import { encodeList } from './lists.ts';
import type { Frame, Output, ReadState } from './read-state.ts';

/** How often a function is followed into itself. */
const MAX_RECURSION = 2;
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
  state.bindings.local('@', [args === undefined ? null : encodeList(args.map(knownText))], work);
}

/** The text of an argument; null when it is known only at run time. */
export function knownText(arg: Field): string | null {
  return arg.certain || arg.pattern ? arg.text : null;
}
