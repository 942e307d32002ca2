import { isNode, LineCounter, parseDocument, type Document } from 'yaml';
import { z } from 'zod';
import type { Problem } from '#contract/errors.ts';
import { LogSourceType } from '#contract/log-source-type.ts';
import { pathText, problemsOf } from '#contract/problems.ts';
import { compileType, type CompiledType } from './compile-type.ts';

/** The text of one file with a log source type. */
export interface TypeFile {
  readonly path: string;
  readonly text: string;
}

/** A type, or everything that is wrong with its file; the path of a problem is `file:line:column`. */
export type TypeFileResult = { readonly type: CompiledType } | { readonly problems: readonly Problem[] };

export function readTypeFile({ path, text }: TypeFile): TypeFileResult {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true });
  const place = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${path}:${line}:${col}`;
  };
  if (document.errors.length > 0)
    return {
      problems: document.errors.map(({ pos, message }) => ({
        path: place(pos[0]),
        message: message.split('\n')[0] ?? '',
      })),
    };
  const problems: Problem[] = [];
  const report = (at: readonly PropertyKey[], message: string): void => {
    const where = at.length === 0 ? '' : `${pathText(at)}: `;
    problems.push({ path: place(offsetOf(document, at)), message: `${where}${message}` });
  };
  let value: unknown;
  try {
    // A type needs no aliases, and they can blow a small file up.
    value = document.toJS({ maxAliasCount: 0 });
  } catch {
    return { problems: [{ path: place(0), message: 'YAML aliases are not accepted' }] };
  }
  const parsed = LogSourceType.safeParse(value);
  if (!parsed.success) {
    for (const issue of parsed.error.issues) reportIssue(issue, report);
    return { problems };
  }
  const type = compileType(path, parsed.data, report);
  return problems.length === 0 ? { type } : { problems };
}

function reportIssue(
  issue: z.core.$ZodIssue,
  report: (at: readonly PropertyKey[], message: string) => void,
): void {
  if (issue.code === 'unrecognized_keys') {
    for (const key of issue.keys) report([...issue.path, key], 'is not known');
    return;
  }
  const [problem] = problemsOf(new z.ZodError([issue]));
  report(issue.path, problem?.message ?? issue.message);
}

/** Where the deepest part of the path that is in the file begins: the key of it, when it has one. */
function offsetOf(document: Document.Parsed, path: readonly PropertyKey[]): number {
  for (let length = path.length; length > 0; length--) {
    const node = document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return document.contents?.range[0] ?? 0;
}
