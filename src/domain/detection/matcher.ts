import type { EventRecord } from '#contract/event.ts';
import { formatEntity } from './entity.ts';
import { EventView, scalarText } from './event-view.ts';
import { effectiveTime } from './event-time.ts';
import type { FiringRule } from './firing-rule.ts';
import type { CompiledDetection, Consumer, RuleSet } from './rule-set.ts';
import { isTrusted } from './trust.ts';
import type { Witness } from './test-node.ts';

/** One event counted by one rule for one key: what the match stage hands to the correlation stage. */
export interface MatchRecord {
  readonly rule: FiringRule;
  /** The values of the group-by fields, as JSON; events of unconfirmed sources have keys of their own. */
  readonly key: string;
  /** The family whose offense it belongs to; what unconfirmed sources say has offenses of its own. */
  readonly family: string;
  readonly trusted: boolean;
  readonly entity: string;
  /** Which of the correlated rules matched; empty where the rule only counts events. */
  readonly label: string;
  /** What a value_count counts. */
  readonly value: string | null;
  /** Event time in milliseconds. */
  readonly timeMs: number;
  readonly event: EventRecord;
}

interface Bucket {
  /** Rules that must be tried for every event of the type. */
  readonly always: CompiledDetection[];
  /** Rules by a text that must stand in a field. */
  readonly byText: Map<number, Map<string, CompiledDetection[]>>;
}

export type MatchEvent = (event: EventRecord) => readonly MatchRecord[];

const UNCONFIRMED = 'unconfirmed';
const NOTHING: readonly MatchRecord[] = [];

/**
 * The match stage: stateless, any event. Rules are routed by event type and then by one required text, so a
 * rule costs nothing for events that cannot match it.
 */
export function createMatcher(rules: RuleSet): MatchEvent {
  const typeSlot = rules.fields.slot('type');
  const realmSlot = rules.fields.slot('realm');
  const live = rules.detections.filter((detection) => detection.consumers.length > 0);
  const anyType = live.filter((detection) => !detection.node.witnesses.has(typeSlot));
  const buckets = new Map<string, Bucket>();
  for (const detection of live)
    for (const type of detection.node.witnesses.get(typeSlot) ?? []) {
      if (!buckets.has(type)) buckets.set(type, bucketOf(anyType, typeSlot));
    }
  for (const detection of live)
    for (const type of detection.node.witnesses.get(typeSlot) ?? []) {
      const bucket = buckets.get(type);
      if (bucket !== undefined) place(bucket, detection, typeSlot);
    }
  const fallback = bucketOf(anyType, typeSlot);
  const view = new EventView(rules.fields);

  return (event) => {
    const bucket = buckets.get(event.type) ?? fallback;
    if (bucket.always.length === 0 && bucket.byText.size === 0) return NOTHING;
    view.load(event);
    let found: MatchRecord[] | undefined;
    const tryRule = (detection: CompiledDetection): void => {
      if (!detection.node.test(view)) return;
      for (const consumer of detection.consumers) {
        const record = recordOf(consumer, view, realmSlot);
        if (record !== undefined) (found ??= []).push(record);
      }
    };
    for (const detection of bucket.always) tryRule(detection);
    for (const [slot, byText] of bucket.byText) {
      for (const text of textsOf(view, slot))
        for (const detection of byText.get(text) ?? []) tryRule(detection);
    }
    return found ?? NOTHING;
  };
}

function bucketOf(detections: readonly CompiledDetection[], typeSlot: number): Bucket {
  const bucket: Bucket = { always: [], byText: new Map() };
  for (const detection of detections) place(bucket, detection, typeSlot);
  return bucket;
}

function place(bucket: Bucket, detection: CompiledDetection, typeSlot: number): void {
  let best: readonly [number, Witness] | undefined;
  for (const candidate of detection.node.witnesses) {
    if (candidate[0] !== typeSlot && (best === undefined || candidate[1].size < best[1].size))
      best = candidate;
  }
  if (best === undefined) {
    bucket.always.push(detection);
    return;
  }
  const byText = bucket.byText.get(best[0]) ?? new Map<string, CompiledDetection[]>();
  bucket.byText.set(best[0], byText);
  for (const text of best[1]) {
    const list = byText.get(text) ?? [];
    list.push(detection);
    byText.set(text, list);
  }
}

function textsOf(view: EventView, slot: number): Iterable<string> {
  const lowered = view.lower(slot);
  if (lowered !== undefined) return [lowered];
  const value = view.value(slot);
  if (!Array.isArray(value)) return [];
  return new Set(value.flatMap((one) => scalarText(one)?.toLowerCase() ?? []));
}

/** Undefined when the event lacks what the rule groups by or counts: then it is not counted. */
function recordOf({ rule, label }: Consumer, view: EventView, realmSlot: number): MatchRecord | undefined {
  const { event } = view;
  const timeMs = effectiveTime(event);
  if (timeMs === undefined) return undefined;
  const realm = view.text(realmSlot) ?? '';
  const parts: string[] = [];
  for (const part of rule.key) {
    const text = view.text(part.slotFor(label));
    if (text === undefined || text === '') return undefined;
    parts.push(part.isUser ? formatEntity({ kind: 'user', realm, username: text }) : text);
  }
  const { threshold } = rule;
  let value: string | null = null;
  if (threshold.type === 'value_count') {
    value = view.lower(threshold.fieldSlot) ?? null;
    if (value === null) return undefined;
  }
  const trusted = isTrusted(event);
  const labelled = threshold.type === 'temporal' || threshold.type === 'temporal_ordered';
  return {
    rule,
    key: JSON.stringify(trusted ? parts : [...parts, UNCONFIRMED]),
    family: trusted ? rule.family : `${rule.family}:${UNCONFIRMED}`,
    trusted,
    entity: entityOf(rule, parts[rule.entityPart] ?? ''),
    label: labelled ? label : '',
    value,
    timeMs,
    event,
  };
}

function entityOf(rule: FiringRule, part: string): string {
  switch (rule.entity) {
    case 'user':
      return part;
    case 'address':
      return formatEntity({ kind: 'address', address: part });
    case 'asset':
      return formatEntity({ kind: 'asset', asset: part });
    default:
      return rule.entity satisfies never;
  }
}
