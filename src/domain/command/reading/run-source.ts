import { withParameters } from './functions.ts';
import type { InnerSource } from './inner.ts';
import { TERMINAL, type Frame, type Output, type ReadState } from './read-state.ts';

/** A program that is named at run time can be a shell. */
export function noteUnknownProgram(state: ReadState, { stdin }: Frame): void {
  if (stdin.from !== 'text') state.commandsFromInput = true;
}

/** Source for a shell that stands in the line. Gives what it prints, if that is plain. */
export function runSource(inner: InnerSource, state: ReadState, frame: Frame): Output {
  const { source, parameters, sameShell } = inner;
  if (!source.certain && !source.pattern) {
    state.dynamic = true;
    // `eval "$(cat)"`: what is run can come from anywhere.
    if (sameShell) noteUnknownProgram(state, frame);
  }
  const { start, end } = source;
  const inside: Frame = { ...frame, span: { start, end }, depth: frame.depth + 1, within: [] };
  if (sameShell) return state.walker.source(source.text, state, inside);
  const [self, ...args] = parameters;
  let output: Output;
  // What a shell of its own does to its names is over with it.
  state.bindings.aside(() => {
    if (self !== undefined) state.bindings.set('0', [self.certain ? self.text : null]);
    withParameters(args, state, () => {
      output = state.walker.source(source.text, state, inside);
    });
  });
  return output;
}

/** Whatever stands on standard input, as source. */
export function runStdin(state: ReadState, frame: Frame): Output {
  const { stdin } = frame;
  if (stdin.from === 'unknown') state.dynamic = true;
  if (stdin.from !== 'text') {
    // Behind a pipe as well: `cat | sh` runs what the person sends.
    state.commandsFromInput = true;
    return undefined;
  }
  const last = state.programs.at(-1);
  const span = frame.span ?? { start: last?.start ?? 0, end: last?.end ?? 0 };
  const { incomplete } = state;
  const inside: Frame = { ...frame, span, depth: frame.depth + 1, stdin: TERMINAL, within: [] };
  let output: Output;
  state.bindings.aside(() => {
    output = state.walker.source(stdin.text, state, inside);
  });
  // What the inner shell still waits for, the outer one does not.
  state.incomplete = incomplete;
  return output;
}
