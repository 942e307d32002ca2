import type { EventRecord } from '#contract/event.ts';

/**
 * What the detection must find, worked out slowly and obviously: every subset, every window, nothing shared
 * with the engine but the type of an event.
 */
export interface OracleRule {
  readonly id: string;
  readonly kind: 'event_count' | 'value_count' | 'temporal' | 'temporal_ordered';
  /** One part for counts; for temporal kinds one for each correlated rule, in order. */
  readonly parts: readonly OraclePart[];
  /** For counts: so many events or values. For temporal: so many of the parts. */
  readonly atLeast: number;
  readonly timespanMs: number;
  /** What a key is made of; the first is the entity. */
  readonly groupBy: readonly OracleGroup[];
}

export interface OraclePart {
  /** The types of event that it counts. */
  readonly types: readonly string[];
  /** When the part itself is a count. */
  readonly count: {
    readonly kind: 'event_count' | 'value_count';
    readonly atLeast: number;
    readonly timespanMs: number;
  } | null;
  /** Where the address of the key stands in its events. */
  readonly addressIn: 'address' | 'data.peer';
}

export type OracleGroup = 'user' | 'address' | 'asset';

export type OracleStep =
  | { readonly position: number; readonly event: EventRecord }
  | { readonly position: number; readonly close: string };

/** A match of one part for one key. */
interface Match {
  readonly part: OraclePart;
  readonly event: EventRecord;
  readonly timeMs: number;
}

/** Addresses of one attacker: the same IPv4 address, or the same /64 of IPv6. */
const BLOCKS: Readonly<Record<string, string>> = {
  '192.0.2.1': '192.0.2.1',
  '192.0.2.2': '192.0.2.2',
  '::ffff:192.0.2.1': '192.0.2.1',
  '2001:db8::1': '2001:db8::/64',
  '2001:DB8:0:0:1::9': '2001:db8::/64',
  '2001:db8:0:1::1': '2001:db8:0:1::/64',
};
export const ADDRESSES: readonly string[] = Object.keys(BLOCKS);

const FIVE_SECONDS_MS = 5_000;
const DAY_MS = 86_400_000;

/** `rule key episode` for each fire. Rules about one kind of entity share their episodes. */
export function oracleFires(rules: readonly OracleRule[], steps: readonly OracleStep[]): ReadonlySet<string> {
  const fires = new Set<string>();
  for (const kind of new Set(rules.map((rule) => rule.groupBy[0])))
    for (const trusted of [true, false])
      settleFamily(
        rules.filter((rule) => rule.groupBy[0] === kind),
        firstOfEach(steps),
        trusted,
        fires,
      );
  return fires;
}

/** An event that was there before is not there again. */
function firstOfEach(steps: readonly OracleStep[]): readonly OracleStep[] {
  return steps.filter(
    (step, index) =>
      !('event' in step) ||
      !steps.slice(0, index).some((other) => 'event' in other && other.event.id === step.event.id),
  );
}

function settleFamily(
  rules: readonly OracleRule[],
  steps: readonly OracleStep[],
  trusted: boolean,
  fires: Set<string>,
): void {
  const events = steps.flatMap((step) => ('event' in step ? [step.event] : []));
  const entities = new Set(rules.flatMap((rule) => events.flatMap((event) => entitiesOf(rule, event))));
  for (const entity of entities) {
    let episode = 1;
    let pool: EventRecord[] = [];
    const settle = (): boolean => {
      const found = rules.flatMap((rule) => crossedKeys(rule, pool, entity));
      for (const key of found) fires.add(`${key} ${episode}`);
      return found.length > 0;
    };
    for (const step of steps) {
      if ('event' in step) {
        if ((step.event.source === 'gateway') === trusted) pool.push(step.event);
      } else if (step.close === entity && settle()) {
        episode += 1;
        pool = [];
      }
    }
    settle();
  }
}

function entitiesOf(rule: OracleRule, event: EventRecord): readonly string[] {
  return rule.parts.flatMap((part) => keyOf(rule, part, event)?.entity ?? []);
}

/** `rule key` for every key of the entity that has crossed. */
function crossedKeys(rule: OracleRule, pool: readonly EventRecord[], entity: string): readonly string[] {
  const byKey = new Map<string, Match[]>();
  for (const event of pool)
    for (const part of rule.parts) {
      const key = keyOf(rule, part, event);
      const timeMs = timeOf(event);
      if (key?.entity !== entity || timeMs === null || !part.types.includes(event.type)) continue;
      if (countsValues(rule, part) && event.asset === undefined) continue;
      byKey.set(key.text, [...(byKey.get(key.text) ?? []), { part, event, timeMs }]);
    }
  return [...byKey].flatMap(([key, matches]) => (crosses(rule, matches) ? [`${rule.id} ${key}`] : []));
}

function countsValues(rule: OracleRule, part: OraclePart): boolean {
  return rule.kind === 'value_count' || part.count?.kind === 'value_count';
}

function keyOf(
  rule: OracleRule,
  part: OraclePart,
  event: EventRecord,
): { readonly text: string; readonly entity: string } | null {
  const texts: string[] = [];
  for (const group of rule.groupBy) {
    const text = groupText(group, part, event);
    if (text === null) return null;
    texts.push(text);
  }
  const [first = ''] = texts;
  return {
    text: JSON.stringify(event.source === 'gateway' ? texts : [...texts, 'unconfirmed']),
    entity: rule.groupBy[0] === 'user' ? first : `@${rule.groupBy[0] ?? ''}:${first}`,
  };
}

function groupText(group: OracleGroup, part: OraclePart, event: EventRecord): string | null {
  switch (group) {
    case 'user':
      if (event.type === 'login.failed' || event.user === undefined) return null;
      return `${event.realm}:${event.user.toLowerCase()}`;
    case 'asset':
      return event.asset === undefined ? null : event.asset.toLowerCase();
    case 'address': {
      const text = part.addressIn === 'address' ? event.address : event.data['peer'];
      return typeof text === 'string' ? (BLOCKS[text] ?? null) : null;
    }
    default:
      return group satisfies never;
  }
}

function timeOf(event: EventRecord): number | null {
  if (event.time > event.seen + FIVE_SECONDS_MS) return event.seen;
  return event.seen - event.time > DAY_MS ? null : event.time;
}

function crosses(rule: OracleRule, matches: readonly Match[]): boolean {
  switch (rule.kind) {
    case 'event_count':
    case 'value_count':
      return matches.some(({ timeMs }) => isFull(matches, rule.kind, rule.atLeast, rule.timespanMs, timeMs));
    case 'temporal': {
      const met = rule.parts.map((part) => meetings(part, matches));
      // Every window that matters begins when some part is met.
      return met
        .flat()
        .some(
          (begin) =>
            met.filter((times) => times.some((time) => time >= begin && time <= begin + rule.timespanMs))
              .length >= rule.atLeast,
        );
    }
    case 'temporal_ordered':
      return inOrder(
        rule.parts.map((part) => meetings(part, matches)),
        rule.timespanMs,
      );
    default:
      return rule.kind satisfies never;
  }
}

/** Whether the window that ends at the time holds so many different events or assets. */
function isFull(
  matches: readonly Match[],
  kind: string,
  atLeast: number,
  timespanMs: number,
  endMs: number,
): boolean {
  const inside = matches.filter(({ timeMs }) => timeMs <= endMs && timeMs >= endMs - timespanMs);
  const things = inside.map(({ event }) => (kind === 'event_count' ? event.id : event.asset?.toLowerCase()));
  return new Set(things).size >= atLeast;
}

/** The times at which a part is met. */
function meetings(part: OraclePart, matches: readonly Match[]): readonly number[] {
  const own = matches.filter((match) => match.part === part);
  const { count } = part;
  const times = own.map(({ timeMs }) => timeMs);
  if (count === null) return times;
  return times.filter((time) => isFull(own, count.kind, count.atLeast, count.timespanMs, time));
}

/** Tries every choice of one time for each part. */
function inOrder(met: readonly (readonly number[])[], timespanMs: number): boolean {
  const choose = (at: number, first: number, last: number): boolean => {
    const times = met[at];
    if (times === undefined) return last - first <= timespanMs;
    return times.some((time) => (at === 0 || time >= last) && choose(at + 1, at === 0 ? time : first, time));
  };
  return choose(0, 0, 0);
}
