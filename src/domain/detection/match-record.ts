import type { EventRecord } from '#contract/event.ts';
import { nameKey } from '#contract/names.ts';
import { addressBlock } from '#lib/ip-text.ts';
import { formatEntity } from './entity.ts';
import type { EventView } from './event-view.ts';
import { effectiveTime } from './event-time.ts';
import type { FiringRule, KeyPart } from './firing-rule.ts';
import type { Consumer } from './rule-set.ts';
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

const UNCONFIRMED = 'unconfirmed';

/** What an event that matched adds to a rule's count; or the reason why it adds nothing. */
export function readRecord(
  { rule, label, valueSlot }: Consumer,
  view: EventView,
  realmSlot: number,
): MatchRecord | string {
  const { event } = view;
  const timeMs = effectiveTime(event);
  if (timeMs === undefined) return 'it came too late to count';
  const realm = view.text(realmSlot) ?? '';
  const parts: string[] = [];
  for (const part of rule.key) {
    const text = view.text(part.slotFor(label));
    if (text === undefined || text === '') return `it has no ${part.name}, by which the rule groups`;
    parts.push(keyText(part.kind, text, realm));
  }
  const value = valueSlot === null ? null : view.lower(valueSlot);
  if (value === undefined) return 'it lacks the field whose values are counted';
  const trusted = isTrusted(event);
  const labelled = rule.threshold.type === 'temporal' || rule.threshold.type === 'temporal_ordered';
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

/** One text for everything that is the same: users within a realm, names without case, the block of an address. */
function keyText(kind: KeyPart['kind'], text: string, realm: string): string {
  switch (kind) {
    case 'user':
      return formatEntity({ kind: 'user', realm, username: text });
    case 'address':
      return addressBlock(text);
    case 'asset':
      return nameKey(text);
    case 'source':
    case 'text':
      return text;
    default:
      return kind satisfies never;
  }
}

function entityOf(rule: FiringRule, part: string): string {
  switch (rule.entity) {
    case 'user':
      return part;
    case 'address':
      return formatEntity({ kind: 'address', address: part });
    case 'asset':
      return formatEntity({ kind: 'asset', asset: part });
    case 'source':
      return formatEntity({ kind: 'source', source: part });
    default:
      return rule.entity satisfies never;
  }
}
