import { compileCondition } from './condition.ts';
import type { FieldTable } from './event-view.ts';
import { compileLogSource } from './log-source.ts';
import { compileSelection, type Selection } from './selection.ts';
import type { DetectionDocument } from './sigma-schema.ts';
import { allOf, anyOf, type TestNode } from './test-node.ts';

/** Compiles the log source and the detection of one rule into one test. */
export function compileDetection(document: DetectionDocument, fields: FieldTable, place: string): TestNode {
  const { condition, timeframe: _ignored, ...identifiers } = document.detection;
  const selections = new Map<string, TestNode>();
  for (const [name, selection] of Object.entries(identifiers))
    selections.set(name, compileSelection(selection as Selection, fields, `${place} detection.${name}`));
  const conditions = typeof condition === 'string' ? [condition] : condition;
  const detection = anyOf(conditions.map((one) => compileCondition(one, selections, `${place} condition`)));
  return allOf([compileLogSource(document.logsource, fields, place), detection]);
}
