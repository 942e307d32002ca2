import type { EventRecord } from '#contract/event.ts';
import { formatEntity } from './entity.ts';
import { EventView } from './event-view.ts';
import { effectiveTime } from './event-time.ts';
import type { FiringRule } from './firing-rule.ts';
import { createRouter } from './router.ts';
import type { Consumer, RuleSet } from './rule-set.ts';
import { isTrusted } from './trust.ts';

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

export type MatchEvent = (event: EventRecord) => readonly MatchRecord[];

const UNCONFIRMED = 'unconfirmed';
const NOTHING: readonly MatchRecord[] = [];

/** The match stage: stateless, any event. */
export function createMatcher(rules: RuleSet): MatchEvent {
  const realmSlot = rules.fields.slot('realm');
  const route = createRouter(
    rules.detections.filter((detection) => detection.consumers.length > 0),
    rules.fields,
  );
  const view = new EventView(rules.fields);
  return (event) => {
    view.load(event);
    let found: MatchRecord[] | undefined;
    route(view, (detection) => {
      if (!detection.node.test(view)) return;
      for (const consumer of detection.consumers) {
        const record = recordOf(consumer, view, realmSlot);
        if (record !== undefined) (found ??= []).push(record);
      }
    });
    return found ?? NOTHING;
  };
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
