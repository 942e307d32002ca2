import type { Severity } from '#contract/event.ts';
import { compileDetection } from './detection-rule.ts';
import { FieldTable } from './event-view.ts';
import type { FiringRule, Threshold } from './firing-rule.ts';
import { compileGrouping, groupByEntity, type Grouping } from './grouping.ts';
import { ruleError, unsupported } from './rule-error.ts';
import { readRuleFile, type RuleDocument, type RuleFile } from './rule-file.ts';
import type { PortcullisKey } from './sigma-schema.ts';
import { compileThreshold } from './threshold.ts';
import type { TestNode } from './test-node.ts';

/** A rule that counts what a detection matches, and under which label. */
export interface Consumer {
  readonly rule: FiringRule;
  readonly label: string;
}

export interface CompiledDetection {
  readonly id: string;
  readonly title: string;
  readonly node: TestNode;
  readonly consumers: readonly Consumer[];
}

/** All rules, linked and compiled. */
export interface RuleSet {
  readonly fields: FieldTable;
  readonly detections: readonly CompiledDetection[];
  /** By rule id, rules that are off included. */
  readonly rules: ReadonlyMap<string, FiringRule>;
}

type DetectionPart = Extract<RuleDocument, { readonly kind: 'detection' }>;
type CorrelationPart = Extract<RuleDocument, { readonly kind: 'correlation' }>;

/** Compiles rule files into one set. Throws E_RULE or E_UNSUPPORTED with file and line. */
export function buildRuleSet(files: readonly RuleFile[]): RuleSet {
  const documents = files.flatMap((file) => readRuleFile(file));
  const detections = documents.filter((one): one is DetectionPart => one.kind === 'detection');
  const correlations = documents.filter((one): one is CorrelationPart => one.kind === 'correlation');
  const fields = new FieldTable();
  const rules = new Map<string, FiringRule>();
  const consumers = new Map<string, Consumer[]>();
  const byName = indexByName([...detections, ...correlations]);
  const silenced = new Set<string>();

  const add = (rule: FiringRule, labels: readonly string[]): void => {
    rules.set(rule.id, rule);
    if (rule.mode === 'off') return;
    for (const label of labels) {
      const list = consumers.get(label) ?? [];
      list.push({ rule, label });
      consumers.set(label, list);
    }
  };

  for (const { place, document } of correlations) {
    const idOf = (name: string): string => {
      const found = byName.get(name);
      if (found === undefined) throw ruleError(place, `there is no rule "${name}"`);
      if (found.kind === 'correlation')
        throw unsupported(place, `a correlation of the correlation "${name}"`, 'name detection rules');
      return idOfDocument(found);
    };
    const labels = document.correlation.rules.map((name) => idOf(name));
    if (new Set(labels).size !== labels.length) throw ruleError(place, 'a rule is named twice');
    const grouping = compileGrouping(document.correlation, document.portcullis?.entity, idOf, fields, place);
    const threshold = compileThreshold(document.correlation, labels, fields, place);
    add(firingRule({ kind: 'correlation', place, document }, grouping, threshold), labels);
    if (!document.correlation.generate) for (const label of labels) silenced.add(label);
  }

  for (const detection of detections) {
    const id = idOfDocument(detection);
    if (silenced.has(id)) {
      if (detection.document.portcullis !== undefined)
        throw ruleError(
          detection.place,
          'a rule that only feeds a correlation does not fire: put "portcullis" there',
        );
      continue;
    }
    const grouping = groupByEntity(detection.document.portcullis?.entity ?? 'user', fields);
    add(firingRule(detection, grouping, { type: 'event_count', atLeast: 1, timespanMs: 0 }), [id]);
  }
  requireOneEntityPerFamily(rules);

  return {
    fields,
    rules,
    detections: detections.map((detection) => ({
      id: idOfDocument(detection),
      title: detection.document.title,
      node: compileDetection(detection.document, fields, detection.place),
      consumers: consumers.get(idOfDocument(detection)) ?? [],
    })),
  };
}

function idOfDocument({ document, place }: RuleDocument): string {
  const id = document.id ?? document.name;
  if (id === undefined) throw ruleError(place, 'a rule needs an id (a UUID) or a name');
  return id;
}

function indexByName(documents: readonly RuleDocument[]): ReadonlyMap<string, RuleDocument> {
  const byName = new Map<string, RuleDocument>();
  for (const one of documents) {
    for (const name of new Set([idOfDocument(one), one.document.name ?? idOfDocument(one)])) {
      const other = byName.get(name);
      if (other !== undefined)
        throw ruleError(one.place, `"${name}" already names the rule at ${other.place}`);
      byName.set(name, one);
    }
  }
  return byName;
}

function firingRule(source: RuleDocument, grouping: Grouping, threshold: Threshold): FiringRule {
  const { document, place } = source;
  const own: PortcullisKey = document.portcullis ?? { tests: [] };
  const id = idOfDocument(source);
  return {
    id,
    title: document.title,
    description: document.description ?? '',
    severity: severityOf(document.level),
    // Nothing acts by itself unless its author said so.
    mode: own.mode ?? 'approve',
    family: own.family ?? id,
    playbook: own.playbook ?? null,
    entity: grouping.entity,
    key: grouping.key,
    entityPart: grouping.entityPart,
    threshold,
    tests: own.tests,
    place,
  };
}

function severityOf(level: string | undefined): Severity {
  switch (level) {
    case 'informational':
      return 'info';
    case 'low':
    case 'high':
    case 'critical':
      return level;
    default:
      return 'medium';
  }
}

function requireOneEntityPerFamily(rules: ReadonlyMap<string, FiringRule>): void {
  const first = new Map<string, FiringRule>();
  for (const rule of rules.values()) {
    const other = first.get(rule.family);
    if (other === undefined) first.set(rule.family, rule);
    else if (other.entity !== rule.entity)
      throw ruleError(
        rule.place,
        `family "${rule.family}" is about ${other.entity} at ${other.place}, not ${rule.entity}`,
      );
  }
}
