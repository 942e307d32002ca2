import { isMap, isScalar, LineCounter, parseAllDocuments, type Document } from 'yaml';
import type { z } from 'zod';
import { ruleError, unsupported } from './rule-error.ts';
import { CorrelationDocument, DetectionDocument } from './sigma-schema.ts';

/** The text of one rule file. */
export interface RuleFile {
  readonly path: string;
  readonly text: string;
}

export type RuleDocument =
  | { readonly kind: 'detection'; readonly place: string; readonly document: DetectionDocument }
  | { readonly kind: 'correlation'; readonly place: string; readonly document: CorrelationDocument };

/** Reads every YAML document of a file. Throws E_RULE with file and line at the first mistake. */
export function readRuleFile(file: RuleFile): readonly RuleDocument[] {
  const lines = new LineCounter();
  const parsed = parseAllDocuments(file.text, { lineCounter: lines, uniqueKeys: true });
  if (!Array.isArray(parsed)) return [];
  return parsed.flatMap((document) => {
    const [problem] = document.errors;
    if (problem !== undefined)
      throw ruleError(
        `${file.path}:${lines.linePos(problem.pos[0]).line}`,
        problem.message.split('\n')[0] ?? '',
      );
    // What a "---" at the very end begins is no rule.
    if (isEmpty(document)) return [];
    const start = lines.linePos(document.contents?.range[0] ?? 0).line;
    return readDocument(document, `${file.path}:${start}`, (path) => {
      const line = lineOf(document, path, lines);
      return line === undefined ? file.path : `${file.path}:${line}`;
    });
  });
}

function isEmpty({ contents }: Document.Parsed): boolean {
  return contents === null || (isScalar(contents) && contents.value === null);
}

function readDocument(
  document: Document.Parsed,
  place: string,
  placeOf: (path: readonly PropertyKey[]) => string,
): RuleDocument {
  if (!isMap(document.contents))
    throw ruleError(place, 'a rule must be a map with title, logsource and detection');
  const value = toValue(document, place);
  const taxonomy = document.get('taxonomy');
  if (taxonomy !== undefined && taxonomy !== 'sigma')
    throw unsupported(
      place,
      `taxonomy ${JSON.stringify(taxonomy)}`,
      'write the fields in the names used here',
    );
  if (document.has('correlation') && document.has('detection'))
    throw ruleError(place, 'one document cannot hold a detection and a correlation; put "---" between them');
  if (document.has('correlation'))
    return { kind: 'correlation', place, document: check(CorrelationDocument, value, placeOf) };
  if (document.has('filter'))
    throw unsupported(place, 'a filter document', 'put the exception into the condition');
  if (document.has('action')) throw unsupported(place, 'a collection with "action"', 'write each rule out');
  return { kind: 'detection', place, document: check(DetectionDocument, value, placeOf) };
}

/** The plain value. Aliases are refused: a rule needs none, and they can blow a small file up. */
function toValue(document: Document.Parsed, place: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 0 });
  } catch (error) {
    throw ruleError(place, `YAML aliases are not accepted: ${error instanceof Error ? error.message : ''}`);
  }
}

function check<T>(
  schema: z.ZodType<T>,
  value: unknown,
  placeOf: (path: readonly PropertyKey[]) => string,
): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const path = issue?.path ?? [];
  throw ruleError(
    placeOf(path),
    `${path.map(String).join('.')}: ${issue?.message ?? 'does not fit the schema'}`,
  );
}

/** The line of the deepest part of the path that exists in the file. */
function lineOf(
  document: Document.Parsed,
  path: readonly PropertyKey[],
  lines: LineCounter,
): number | undefined {
  for (let length = path.length; length >= 0; length--) {
    const node = document.getIn(path.slice(0, length), true);
    if (typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range)) {
      const [offset] = node.range as readonly unknown[];
      if (typeof offset === 'number') return lines.linePos(offset).line;
    }
  }
  return undefined;
}
