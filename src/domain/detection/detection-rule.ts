import { compileCondition } from './condition.ts';
import type { FieldTable } from './event-view.ts';
import { compileLogSource } from './log-source.ts';
import { ruleError, unsupported } from './rule-error.ts';
import { compileSelection, type Selection } from './selection.ts';
import type { DetectionDocument } from './sigma-schema.ts';
import { allOf, anyOf, type TestNode } from './test-node.ts';

/** Words of the condition grammar, which no search identifier may be called. */
const RESERVED: ReadonlySet<string> = new Set(['and', 'or', 'not', 'of', 'them']);

/** Compiles the log source and the detection of one rule into one test. */
export function compileDetection(document: DetectionDocument, fields: FieldTable, place: string): TestNode {
  const selections = new Map<string, TestNode>();
  for (const [name, selection] of searchIdentifiers(document, place))
    selections.set(name, compileSelection(selection, fields, `${place} detection.${name}`));
  const detection = anyOf(
    conditionsOf(document).map((one) => compileCondition(one, selections, `${place} condition`)),
  );
  return allOf([compileLogSource(document.logsource, fields, place), detection]);
}

/** The conditions, of which one must hold. */
export function conditionsOf({ detection }: DetectionDocument): readonly string[] {
  return typeof detection.condition === 'string' ? [detection.condition] : detection.condition;
}

export function searchIdentifiers(
  document: DetectionDocument,
  place: string,
): readonly (readonly [string, Selection])[] {
  const { condition: _condition, ...identifiers } = document.detection;
  if (Object.hasOwn(identifiers, 'timeframe'))
    throw unsupported(
      place,
      '"timeframe" in a detection',
      'write a correlation document with type, rules, group-by, timespan and condition',
    );
  return Object.entries(identifiers).map(([name, selection]) => {
    if (RESERVED.has(name.toLowerCase()))
      throw ruleError(
        place,
        `a search identifier cannot be called "${name}", a word of the condition grammar`,
      );
    return [name, selection as Selection] as const;
  });
}
