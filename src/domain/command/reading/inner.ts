import type { Language } from './embedded-commands.ts';
import type { Field } from './field.ts';

/** Source for a shell. */
export interface InnerSource {
  readonly source: Field;
  /** `$0`, `$1`, … */
  readonly parameters: readonly Field[];
  /** Run by the shell that reads the line, so variables set inside stay set. */
  readonly sameShell: boolean;
}

/** What a program, given its arguments, runs in turn. */
export type Inner =
  /** A program with arguments, as passed to exec. */
  | { readonly runs: 'fields'; readonly fields: readonly Field[]; readonly stdin: 'inherited' | 'unknown' }
  /** The same with words from standard input: behind it, or in place of the placeholder. */
  | {
      readonly runs: 'arguments';
      readonly fields: readonly Field[];
      readonly placeholder: string | undefined;
    }
  | ({ readonly runs: 'source' } & InnerSource)
  /** Whatever stands on standard input, as shell source. */
  | { readonly runs: 'stdin' }
  /** Commands on standard input in a language of its own. */
  | { readonly runs: 'input'; readonly language: Language }
  /** Something that shows only at run time. */
  | { readonly runs: 'unknown' };

export function innerFields(
  fields: readonly Field[],
  stdin: 'inherited' | 'unknown' = 'inherited',
): readonly Inner[] {
  return fields.length === 0 ? [] : [{ runs: 'fields', fields, stdin }];
}

export function innerSource(source: Field | undefined, parameters: readonly Field[] = []): readonly Inner[] {
  return source === undefined ? [] : [{ runs: 'source', source, parameters, sameShell: false }];
}

/** Arguments joined by blanks and given to a shell, as `ssh`, `watch` and `eval` do. */
export function innerJoined(fields: readonly Field[]): readonly Inner[] {
  const [first] = fields;
  if (first === undefined) return [];
  const source: Field = {
    ...first,
    text: fields.map((field) => field.text).join(' '),
    certain: fields.every((field) => field.certain || field.pattern),
    end: Math.max(first.end, fields.at(-1)?.end ?? 0),
  };
  return innerSource(source);
}

export const UNKNOWN_INNER: readonly Inner[] = [{ runs: 'unknown' }];
export const STDIN_INNER: readonly Inner[] = [{ runs: 'stdin' }];
