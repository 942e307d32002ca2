import type { Severity } from '#contract/event.ts';
import { compileCorrelation, type CorrelationPart, type Feed } from './correlation-rule.ts';
import { compileDetection } from './detection-rule.ts';
import { FieldTable } from './event-view.ts';
import type { FiringRule, Threshold } from './firing-rule.ts';
import { chooseEntity, keyOfEntity } from './grouping.ts';
import { ruleError } from './rule-error.ts';
import { readRuleFile, type RuleDocument, type RuleFile } from './rule-file.ts';
import { idOfDocument, indexRules } from './rule-index.ts';
import {
  attributesOf,
  type DetectionDocument,
  type PortcullisKey,
  type RuleAttributes,
  type RuleMode,
} from './sigma-schema.ts';
import type { TestNode } from './test-node.ts';

/** A rule that counts what a detection matches, and under which label. */
export interface Consumer {
  readonly rule: FiringRule;
  readonly label: string;
  /** The field whose values are counted, when values are. */
  readonly valueSlot: number | null;
}

export interface CompiledDetection {
  readonly id: string;
  readonly title: string;
  readonly document: DetectionDocument;
  readonly attributes: RuleAttributes;
  readonly place: string;
  readonly node: TestNode;
  readonly consumers: readonly Consumer[];
}

/** All rules, linked and compiled. */
export interface RuleSet {
  readonly fields: FieldTable;
  readonly detections: readonly CompiledDetection[];
  /** By rule id, rules that are off included. */
  readonly rules: ReadonlyMap<string, FiringRule>;
  /** Ids by every name a rule has, its id included. */
  readonly names: ReadonlyMap<string, string>;
}

export interface RuleSetOptions {
  /** IANA name of the zone in which `time.hour` and `time.weekday` are told. Default UTC. */
  readonly timeZone?: string;
  /** Modes that stand above those in the files, by rule id or name. */
  readonly modes?: ReadonlyMap<string, RuleMode>;
}

type DetectionPart = Extract<RuleDocument, { readonly kind: 'detection' }>;

/** Compiles rule files into one set. Throws E_RULE or E_UNSUPPORTED with file and line. */
export function buildRuleSet(files: readonly RuleFile[], options: RuleSetOptions = {}): RuleSet {
  const documents = files.flatMap((file) => readRuleFile(file));
  const detections = documents.filter((one): one is DetectionPart => one.kind === 'detection');
  const correlations = documents.filter((one): one is CorrelationPart => one.kind === 'correlation');
  const fields = new FieldTable(options.timeZone);
  const index = indexRules(documents);
  const names = new Map([...index].map(([name, document]) => [name, idOfDocument(document)]));
  const modes = modesById(options.modes ?? new Map(), names);
  const rules = new Map<string, FiringRule>();
  const consumers = new Map<string, Consumer[]>();

  const add = (source: RuleDocument, counting: Counting, feeds: readonly Feed[]): void => {
    const sources = [...new Set(feeds.map(({ detection }) => detection))];
    const rule = firingRule(source, counting, sources, modes);
    const { threshold } = counting;
    rules.set(rule.id, rule);
    for (const { detection, label } of feeds) {
      const list = consumers.get(detection) ?? [];
      list.push({ rule, label, valueSlot: valueSlotOf(threshold, label) });
      consumers.set(detection, list);
    }
  };

  const compiled = correlations.map((one) => ({ source: one, ...compileCorrelation(one, index, fields) }));
  const silenced = new Set(
    compiled.flatMap(({ source, named }) => (source.document.correlation.generate ? [] : named)),
  );
  for (const { source, feeds, ...counting } of compiled)
    if (!isSilent(source, silenced)) add(source, counting, feeds);
  for (const source of detections) {
    if (isSilent(source, silenced)) continue;
    const id = idOfDocument(source);
    const key = keyOfEntity(source.document.portcullis?.entity ?? 'user', fields);
    add(source, { key, threshold: EVERY_MATCH }, [{ detection: id, label: id }]);
  }
  requireOneEntityPerFamily(rules);
  for (const [id, { name }] of modes)
    if (!rules.has(id)) throw ruleError('detection.modes', `"${name}" does not fire, so it has no mode`);

  return {
    fields,
    rules,
    names,
    detections: detections.map(({ document, place }) => {
      const id = names.get(document.id ?? document.name ?? '') ?? '';
      return {
        id,
        title: document.title,
        document,
        attributes: attributesOf(document),
        place,
        node: compileDetection(document, fields, place),
        consumers: consumers.get(id) ?? [],
      };
    }),
  };
}

type Counting = Pick<FiringRule, 'key' | 'threshold'>;

/** A detection that no correlation counts fires at each match. */
const EVERY_MATCH: Threshold = { type: 'event_count', atLeast: 1, timespanMs: 0 };

/** A rule that only feeds another has nothing to say of its own. */
function isSilent(source: RuleDocument, silenced: ReadonlySet<string>): boolean {
  if (!silenced.has(idOfDocument(source))) return false;
  if (source.document.portcullis !== undefined)
    throw ruleError(
      source.place,
      'a rule that only feeds a correlation does not fire: put "portcullis" there',
    );
  return true;
}

function valueSlotOf(threshold: Threshold, label: string): number | null {
  if (threshold.type === 'event_count') return null;
  if (threshold.type === 'value_count') return threshold.fieldSlot;
  const count = threshold.parts.find((part) => part.label === label)?.count ?? null;
  return count?.type === 'value_count' ? count.fieldSlot : null;
}

type Modes = ReadonlyMap<string, { readonly name: string; readonly mode: RuleMode }>;

function modesById(modes: ReadonlyMap<string, RuleMode>, names: ReadonlyMap<string, string>): Modes {
  const byId = new Map<string, { readonly name: string; readonly mode: RuleMode }>();
  for (const [name, mode] of modes) {
    const id = names.get(name);
    if (id === undefined) throw ruleError('detection.modes', `there is no rule "${name}"`);
    if (byId.has(id)) throw ruleError('detection.modes', `"${name}" has two modes`);
    byId.set(id, { name, mode });
  }
  return byId;
}

function firingRule(
  source: RuleDocument,
  { key, threshold }: Counting,
  detections: readonly string[],
  modes: Modes,
): FiringRule {
  const { document, place } = source;
  const own: PortcullisKey = document.portcullis ?? { tests: [] };
  const id = idOfDocument(source);
  return {
    id,
    name: document.name ?? null,
    title: document.title,
    description: document.description ?? '',
    severity: severityOf(document.level),
    // Nothing acts by itself unless its author said so.
    mode: modes.get(id)?.mode ?? own.mode ?? 'approve',
    family: own.family ?? id,
    playbook: own.playbook ?? null,
    ...chooseEntity(key, own.entity, place),
    key,
    threshold,
    detections,
    attributes: attributesOf(document),
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
