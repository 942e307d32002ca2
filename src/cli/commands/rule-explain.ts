import { PortcullisError } from '#contract/errors.ts';
import type { EventRecord } from '#contract/event.ts';
import { closestWord } from '#contract/problems.ts';
import { describeThreshold, nameOfRule } from '#domain/detection/describe-threshold.ts';
import {
  describeItem,
  explainDetection,
  type DetectionExplanation,
  type RecordExplanation,
  type SelectionExplanation,
} from '#domain/detection/explain.ts';
import type { FiringRule } from '#domain/detection/firing-rule.ts';
import type { CompiledDetection, RuleSet } from '#domain/detection/rule-set.ts';
import type { RuleAttributes } from '#domain/detection/sigma-schema.ts';
import { printable } from '#lib/printable.ts';
import { defineCommand } from '../command.ts';
import { readEvents } from '../input/event-file.ts';
import { loadRules, RULE_PATHS } from '../input/rule-files.ts';
import type { Output } from '../output/output.ts';
import { timeText } from '../output/times.ts';

const LONGEST_LINE = 500;

export const ruleExplain = defineCommand({
  name: 'rule explain',
  summary: 'Say what a rule looks for; with --event, what it makes of an event and why. Needs no server.',
  args: { rule: { count: 'one', description: 'Its name or id.' } },
  options: {
    event: {
      kind: 'text',
      value: 'FILE',
      description: 'File with events as JSON or YAML, e.g. from event search --json; - is standard input.',
    },
    rules: { kind: 'list', value: 'PATH', description: RULE_PATHS },
  },
  offline: true,
  async run({ args, options, where, io, output }) {
    const set = loadRules(options.rules, where, io);
    const found = find(set, args.rule);
    if (options.event === undefined) {
      showDefinition(found, set, output);
      return 0;
    }
    const events = await readEvents(options.event, io, Date.now());
    let matched = 0;
    for (const event of events) {
      const explanations = found.detections.map((one) => withRecordsOf(found, one, event, set));
      if (explanations.some((one) => one.matched)) matched += 1;
      showEvent(event, explanations, set, output);
    }
    return matched > 0 ? 0 : 1;
  },
});

/** A rule that fires, or a detection that only feeds others; and the detections it counts. */
interface Found {
  readonly id: string;
  readonly rule: FiringRule | undefined;
  readonly detections: readonly CompiledDetection[];
}

function find(set: RuleSet, name: string): Found {
  const id = set.names.get(name);
  const rule = set.rules.get(id ?? '');
  const ids = rule?.detections ?? [id];
  const detections = set.detections.filter((one) => ids.includes(one.id));
  if (id !== undefined && detections.length > 0) return { id, rule, detections };
  if (id !== undefined)
    throw new PortcullisError('E_INPUT', `"${name}" only counts for another correlation; explain that one.`);
  const near = closestWord(name, [...set.names.keys()]);
  const hint = near === undefined ? 'See portcullis rule list.' : `Did you mean ${near}?`;
  throw new PortcullisError('E_INPUT', `There is no rule "${name}". ${hint}`);
}

/** The explanation, with the records for the rule that was asked about alone. */
function withRecordsOf(
  { id, rule }: Found,
  detection: CompiledDetection,
  event: EventRecord,
  set: RuleSet,
): DetectionExplanation {
  const explanation = explainDetection(detection, event, set);
  if (rule === undefined) return explanation;
  return { ...explanation, records: explanation.records.filter((record) => record.rule === id) };
}

function showDefinition({ id, rule, detections }: Found, set: RuleSet, output: Output): void {
  const [first] = detections;
  const title = rule?.title ?? first?.title ?? '';
  const place = rule?.place ?? first?.place ?? '';
  const attributes = rule?.attributes ?? first?.attributes ?? { known: {}, custom: {} };
  const feeds = detections.map((one) => nameOfRule(one.id, set));
  const usedBy =
    rule === undefined ? (first?.consumers.map((one) => nameOfRule(one.rule.id, set)) ?? []) : [];
  const own =
    rule === undefined
      ? null
      : {
          description: rule.description,
          mode: rule.mode,
          severity: rule.severity,
          when: describeThreshold(rule.threshold, set),
          groupBy: rule.key.map(({ name }) => name),
          entity: rule.entity,
          family: rule.family,
          playbook: rule.playbook,
          tests: rule.tests.length,
        };
  output.show({ id, title, place, ...own, detections: feeds, usedBy, ...attributes }, [
    `${title} (${nameOfRule(id, set)})`,
    ...(own === null || own.description === '' ? [] : [`  ${own.description}`]),
    `  id         ${id}`,
    `  place      ${place}`,
    ...(own === null
      ? [`  counted by ${usedBy.join(', ') || 'nothing'}`]
      : [
          `  mode       ${own.mode}`,
          `  level      ${own.severity}`,
          `  fires at   ${own.when}, by ${own.groupBy.join(', ')}`,
          `  about      ${own.entity}${own.family === id ? '' : `, in the family ${own.family}`}`,
          `  playbook   ${own.playbook ?? 'none: it opens an offense and does nothing'}`,
          `  counts     ${feeds.join(', ')}`,
          `  tests      ${own.tests}`,
        ]),
    ...attributeLines(attributes),
  ]);
}

function attributeLines({ known, custom }: RuleAttributes): readonly string[] {
  const own = Object.entries(custom).flatMap(attributeLine);
  return [
    ...Object.entries(known)
      .flatMap(attributeLine)
      .map((one) => `  ${one}`),
    ...(own.length === 0 ? [] : ['  its own keys', ...own.map((one) => `    ${one}`)]),
  ];
}

function attributeLine([key, value]: readonly [string, unknown]): readonly string[] {
  const text = (one: unknown): string =>
    printable(typeof one === 'string' ? one : JSON.stringify(one), LONGEST_LINE);
  if (Array.isArray(value)) return [key, ...value.map((one: unknown) => `  - ${text(one)}`)];
  return [`${key.padEnd(10)} ${text(value)}`];
}

function showEvent(
  event: EventRecord,
  explanations: readonly DetectionExplanation[],
  set: RuleSet,
  output: Output,
): void {
  output.show({ event: event.id, type: event.type, detections: explanations }, [
    `${event.type} at ${timeText(event.time)} (${printable(event.id, 64)})`,
    ...explanations.flatMap((one) => [
      `  ${nameOfRule(one.id, set)}: ${one.matched ? output.good('matches') : output.bad('does not match')}`,
      `    ${mark(one.logsource.matched, output)} log source ${one.logsource.name}`,
      ...one.selections.flatMap(({ name, detail }) => [
        `    ${mark(detail.matched, output)} ${name}, ${needText(detail)}`,
        ...selectionLines(detail, output, '      '),
      ]),
      ...one.conditions.map(({ name, matched }) => `    ${mark(matched, output)} condition ${name}`),
      ...one.records.map((record) => `    ${recordLine(record, set)}`),
    ]),
  ]);
}

function mark(matched: boolean, output: Output): string {
  return matched ? output.good('yes') : output.bad('no ');
}

function selectionLines({ items }: SelectionExplanation, output: Output, indent: string): readonly string[] {
  return items.flatMap((item) =>
    'key' in item
      ? [`${indent}${mark(item.matched, output)} ${printable(describeItem(item), LONGEST_LINE)}`]
      : [
          `${indent}${mark(item.matched, output)} ${needText(item)}`,
          ...selectionLines(item, output, `${indent}  `),
        ],
  );
}

function needText({ needs }: SelectionExplanation): string {
  return needs === 'all' ? 'all of' : 'one of';
}

function recordLine(record: RecordExplanation, set: RuleSet): string {
  const rule = nameOfRule(record.rule, set);
  if ('reason' in record) return `not counted by ${rule}: ${record.reason}`;
  const { key, entity, label, value, timeMs, trusted } = record;
  const facts = [
    `key ${key}`,
    `entity ${entity}`,
    ...(label === '' ? [] : [`as ${nameOfRule(label, set)}`]),
    ...(value === null ? [] : [`value "${value}"`]),
    `time ${timeText(timeMs)}`,
    ...(trusted ? [] : ['source not confirmed, so it never acts']),
  ];
  return printable(`counted by ${rule}: ${facts.join(', ')}`, LONGEST_LINE);
}
