import type { HereDoc, Redirection } from 'unbash';
import type { Field } from './field.ts';
import { placeOf, UNKNOWN_STDIN, type Frame, type ReadState, type Stdin } from './read-state.ts';

const WRITES: ReadonlySet<string> = new Set(['>', '>>', '>|', '&>', '&>>', '<>']);

/**
 * What a command reads after its redirections. A redirection that writes a file is reported as a program
 * named `>` with the file as argument, so that rules can speak about it.
 */
export function applyRedirects(redirects: readonly Redirection[], state: ReadState, frame: Frame): Stdin {
  let { stdin } = frame;
  for (const redirect of redirects) {
    if (redirect.type === 'HereDoc') {
      stdin = readHereDoc(redirect, state, frame);
      continue;
    }
    const fields = redirect.target === undefined ? [] : state.walker.words([redirect.target], state, frame);
    const [target] = fields;
    if (target === undefined) continue;
    if (redirect.type === 'HereString') {
      stdin = isKnown(fields)
        ? { from: 'text', text: fields.map((field) => field.text).join(' ') }
        : UNKNOWN_STDIN;
    } else if (WRITES.has(redirect.operator)) {
      reportWrite(target, redirect, state, frame);
    } else if (readsStdin(redirect)) {
      stdin = UNKNOWN_STDIN;
    }
  }
  return stdin;
}

function readHereDoc(redirect: HereDoc, state: ReadState, frame: Frame): Stdin {
  // The shell goes on asking for lines until the closing one.
  if (redirect.closing === undefined) state.incomplete = true;
  if (redirect.delimiter?.quoted === true) return { from: 'text', text: redirect.body.text };
  state.walker.nested(redirect.body, state, frame);
  const { text } = redirect.body;
  const stripped = redirect.operator === '<<-' ? text.replaceAll(/^\t+/gm, '') : text;
  // Expansions are left as written: read as source they are found to be dynamic there.
  return { from: 'text', text: stripped };
}

function isKnown(fields: readonly Field[]): boolean {
  return fields.every((field) => field.certain || field.pattern);
}

function readsStdin(redirect: Exclude<Redirection, HereDoc>): boolean {
  if (redirect.descriptor === undefined) return redirect.operator.startsWith('<');
  return redirect.descriptor.type === 'FileDescriptor' && redirect.descriptor.value === 0;
}

function reportWrite(
  target: Field,
  redirect: { readonly pos: number; readonly end: number },
  state: ReadState,
  frame: Frame,
): void {
  state.programs.push({
    name: '>',
    args: [target.text === '' && !target.certain ? target.source : target.text],
    ...placeOf(frame, redirect),
    nameIsPattern: false,
    uncertainArgs: target.certain ? [] : [0],
  });
}
