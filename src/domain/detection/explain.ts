import type { EventRecord } from '#contract/event.ts';
import type { JsonValue } from '#lib/json.ts';
import { compileCondition } from './condition.ts';
import { conditionsOf, searchIdentifiers } from './detection-rule.ts';
import { EventView } from './event-view.ts';
import { canonicalField } from './field-names.ts';
import { compileLogSource } from './log-source.ts';
import { readRecord } from './match-record.ts';
import type { CompiledDetection, RuleSet } from './rule-set.ts';
import { compileItem, compileSelection, isList, isMap, type Selection } from './selection.ts';

/** One field of a selection, or the keywords where there is no field: what was wanted and what was there. */
export interface ItemExplanation {
  /** As the rule has it, with modifiers. */
  readonly key: string;
  readonly wanted: Selection;
  /** Null also where the event has no such field. */
  readonly actual: JsonValue;
  readonly matched: boolean;
}

/** A search identifier or a part of one: all items of a map, or any of a list. */
export interface SelectionExplanation {
  readonly needs: 'all' | 'any';
  readonly matched: boolean;
  readonly items: readonly (ItemExplanation | SelectionExplanation)[];
}

export interface Explained {
  readonly name: string;
  readonly matched: boolean;
}

/** What a detection adds to the count of one rule, or why it adds nothing. */
export type RecordExplanation = { readonly rule: string } & (
  | {
      readonly key: string;
      readonly entity: string;
      readonly label: string;
      readonly value: string | null;
      readonly timeMs: number;
      readonly trusted: boolean;
    }
  | { readonly reason: string }
);

export interface DetectionExplanation {
  readonly id: string;
  readonly title: string;
  readonly matched: boolean;
  readonly logsource: Explained;
  readonly selections: readonly (Explained & { readonly detail: SelectionExplanation })[];
  readonly conditions: readonly Explained[];
  /** Empty unless the detection matched. */
  readonly records: readonly RecordExplanation[];
}

/** Why an event matches a detection or does not, selection by selection and field by field. */
export function explainDetection(
  detection: CompiledDetection,
  event: EventRecord,
  rules: RuleSet,
): DetectionExplanation {
  const { document, place, node } = detection;
  const { fields } = rules;
  const view = new EventView(fields);
  view.load(event);
  const identifiers = searchIdentifiers(document, place);
  const compiled = new Map(
    identifiers.map(([name, selection]) => [name, compileSelection(selection, fields, place)]),
  );
  const matched = node.test(view);
  const realmSlot = fields.slot('realm');
  return {
    id: detection.id,
    title: detection.title,
    matched,
    logsource: {
      name: Object.entries(document.logsource)
        .map(([key, value]) => `${key}: ${String(value)}`)
        .join(', '),
      matched: compileLogSource(document.logsource, fields, place).test(view),
    },
    selections: identifiers.map(([name, selection]) => {
      const detail = explainSelection(selection, view, rules, place);
      return { name, matched: detail.matched, detail };
    }),
    conditions: conditionsOf(document).map((name) => ({
      name,
      matched: compileCondition(name, compiled, place).test(view),
    })),
    records: !matched
      ? []
      : detection.consumers.map((consumer): RecordExplanation => {
          const record = readRecord(consumer, view, realmSlot);
          const rule = consumer.rule.id;
          if (typeof record === 'string') return { rule, reason: record };
          const { key, entity, label, value, timeMs, trusted } = record;
          return { rule, key, entity, label, value, timeMs, trusted };
        }),
  };
}

function explainSelection(
  selection: Selection,
  view: EventView,
  rules: RuleSet,
  place: string,
): SelectionExplanation {
  const matched = compileSelection(selection, rules.fields, place).test(view);
  if (isMap(selection))
    return {
      needs: 'all',
      matched,
      items: Object.entries(selection).map(([key, wanted]) => explainItem(key, wanted, view, rules, place)),
    };
  const list = isList(selection) ? selection : [selection];
  return {
    needs: 'any',
    matched,
    items: list.map((one) =>
      isMap(one) || isList(one)
        ? explainSelection(one, view, rules, place)
        : explainItem('', one, view, rules, place),
    ),
  };
}

function explainItem(
  key: string,
  wanted: Selection,
  view: EventView,
  { fields }: RuleSet,
  place: string,
): ItemExplanation {
  const field = canonicalField(key.split('|')[0] ?? '');
  return {
    key,
    wanted,
    actual: field === undefined ? null : (view.value(fields.slot(field)) ?? null),
    matched: compileItem(key, wanted, fields, place).test(view),
  };
}

/** In one line, the first thing that kept an event from matching. Undefined when it matched. */
export function firstMismatch(explanation: DetectionExplanation): string | undefined {
  if (explanation.matched) return undefined;
  const { logsource, selections, conditions } = explanation;
  if (!logsource.matched) return `log source ${logsource.name} does not fit`;
  for (const { name, detail } of selections) {
    const item = firstFailing(detail);
    if (item !== undefined) return `${name}: ${describeItem(item)}`;
  }
  return `condition ${conditions.map(({ name }) => name).join(', ')} is not met`;
}

function firstFailing(selection: SelectionExplanation): ItemExplanation | undefined {
  if (selection.matched) return undefined;
  for (const item of selection.items) {
    if (item.matched) continue;
    if ('key' in item) return item;
    const inner = firstFailing(item);
    if (inner !== undefined) return inner;
  }
  return undefined;
}

/** `command|contains: su, not "ls -la"`. */
export function describeItem({ key, wanted, actual, matched }: ItemExplanation): string {
  const what = JSON.stringify(wanted);
  if (key.split('|')[0] === '')
    return `${key}${key === '' ? '' : ': '}${what} ${matched ? 'is' : 'is not'} in it`;
  const there = actual === null ? 'nothing' : JSON.stringify(actual);
  return `${key}: ${what}, ${matched ? 'and it is' : 'but it is'} ${there}`;
}
