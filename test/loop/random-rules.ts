import * as fc from 'fast-check';
import type { EventType } from '#contract/event-catalogue.ts';
import { makeEvent, type EventRecord } from '#contract/event.ts';
import { ADDRESSES, type OracleGroup, type OraclePart, type OracleRule } from './detection-oracle.ts';

const TYPES = [
  'command.denied',
  'command.warned',
  'login.succeeded',
  'login.failed',
] as const satisfies readonly EventType[];

const seconds = fc.integer({ min: 1, max: 6 }).map((count) => count * 1000);
const types = fc.shuffledSubarray([...TYPES], { minLength: 1, maxLength: 3 });
const counting = fc.record({
  kind: fc.constantFrom('event_count' as const, 'value_count' as const),
  atLeast: fc.integer({ min: 1, max: 4 }),
  timespanMs: seconds,
});
const groupBy = fc.constantFrom<readonly OracleGroup[]>(
  ['user'],
  ['user'],
  ['address'],
  ['asset'],
  ['user', 'asset'],
  ['address', 'asset'],
);

const count = fc.record({ groupBy, types, counting }).map((drawn): Omit<OracleRule, 'id'> => ({
  ...drawn.counting,
  groupBy: drawn.groupBy,
  parts: [{ types: drawn.types, count: null, addressIn: 'address' }],
}));

const part = fc.record({
  types: fc.constantFrom(...TYPES).map((type) => [type]),
  count: fc.option(counting, { freq: 3 }),
  addressIn: fc.constantFrom('address' as const, 'address' as const, 'data.peer' as const),
});
const temporal = fc
  .record({
    kind: fc.constantFrom('temporal' as const, 'temporal_ordered' as const),
    parts: fc.oneof(fc.tuple(part, part), fc.tuple(part, part, part)),
    fewer: fc.constantFrom(0, 0, 1),
    timespanMs: seconds,
    groupBy,
  })
  .map(({ kind, parts, fewer, timespanMs, groupBy: groups }): Omit<OracleRule, 'id'> => ({
    kind,
    parts,
    atLeast: kind === 'temporal' ? parts.length - fewer : parts.length,
    timespanMs,
    groupBy: groups,
  }));

/** One to three rules of all kinds, some about the same entities. */
export const rules = fc
  .array(fc.oneof({ weight: 1, arbitrary: count }, { weight: 2, arbitrary: temporal }), {
    minLength: 1,
    maxLength: 3,
  })
  .map((list) => list.map((one, index): OracleRule => ({ ...one, id: `r${index}` })));

/** The rule as a person would write it. */
export function ruleText(rule: OracleRule): string {
  const isCount = rule.kind === 'event_count' || rule.kind === 'value_count';
  const documents = rule.parts.flatMap((one, index) => partDocuments(rule, one, index, isCount));
  const names = isCount
    ? (rule.parts[0]?.types.map((type) => `${rule.id}-0-${type}`) ?? [])
    : rule.parts.map((one, index) => partName(rule, one, index));
  const correlation = [
    `title: ${rule.id}`,
    `name: ${rule.id}`,
    'correlation:',
    `  type: ${rule.kind}`,
    `  rules: [${names.join(', ')}]`,
    `  group-by: [${rule.groupBy.join(', ')}]`,
    `  timespan: ${rule.timespanMs / 1000}s`,
    ...conditionOf(rule),
    ...aliasesOf(rule, names),
    `portcullis: {mode: auto, family: about-${rule.groupBy[0] ?? ''}, entity: ${rule.groupBy[0] ?? ''}}`,
  ];
  return [...documents, correlation.join('\n')].join('\n---\n');
}

function partName(rule: OracleRule, one: OraclePart, index: number): string {
  return one.count === null ? `${rule.id}-${index}-${one.types[0] ?? ''}` : `${rule.id}-${index}`;
}

function conditionOf(rule: OracleRule): readonly string[] {
  if (rule.kind === 'event_count') return [`  condition: {gte: ${rule.atLeast}}`];
  if (rule.kind === 'value_count') return [`  condition: {gt: ${rule.atLeast - 1}, field: asset}`];
  return rule.atLeast === rule.parts.length ? [] : [`  condition: {gte: ${rule.atLeast}}`];
}

function aliasesOf(rule: OracleRule, names: readonly string[]): readonly string[] {
  const hasAlias = rule.parts.some((one) => one.addressIn !== 'address');
  if (!hasAlias || !rule.groupBy.includes('address')) return [];
  const fields = names.map((name, index) => `${name}: ${rule.parts[index]?.addressIn ?? 'address'}`);
  return [`  aliases: {address: {${fields.join(', ')}}}`];
}

function partDocuments(
  rule: OracleRule,
  one: OraclePart,
  index: number,
  isCount: boolean,
): readonly string[] {
  const detections = one.types.map(
    (type) =>
      `title: ${type}\nname: ${rule.id}-${index}-${type}\nlogsource: {product: portcullis}\n` +
      `detection:\n  s: {type: ${type}}\n  condition: s`,
  );
  if (isCount || one.count === null) return detections;
  const groups = rule.groupBy.map((group) => (group === 'address' ? one.addressIn : group));
  const inner =
    `title: part\nname: ${rule.id}-${index}\ncorrelation:\n  type: ${one.count.kind}\n` +
    `  rules: [${one.types.map((type) => `${rule.id}-${index}-${type}`).join(', ')}]\n` +
    `  group-by: [${groups.join(', ')}]\n  timespan: ${one.count.timespanMs / 1000}s\n` +
    `  condition: {gte: ${one.count.atLeast}${one.count.kind === 'value_count' ? ', field: asset' : ''}}`;
  return [...detections, inner];
}

/** When the stream saw all of it: late and skewed sources tell other times than this. */
const SEEN_MS = 100_000_000;
const DAY_MS = 86_400_000;

const address = fc.oneof(fc.constant('192.0.2.1'), fc.constantFrom(...ADDRESSES));

/** Times on a coarse grid, so that equal times and exact bounds are common; some a millisecond beside it. */
const event = fc.record({
  type: fc.constantFrom(...TYPES),
  user: fc.constantFrom('alice', 'alice', 'alice', 'ALICE', 'bob'),
  realm: fc.constantFrom('gateway', 'gateway', 'gateway', 'gateway', 'gateway', 'jumpserver-1'),
  source: fc.constantFrom('gateway', 'gateway', 'gateway', 'gateway', 'gateway', 'gateway', 'sshd-1'),
  asset: fc.option(fc.constantFrom('web01', 'WEB01', 'web02', 'db01'), { freq: 8, nil: undefined }),
  address,
  peer: fc.option(address, { freq: 6, nil: undefined }),
  halfSeconds: fc.integer({ min: 0, max: 14 }),
  odd: fc.constantFrom(0, 0, 0, 1, -1),
  /** On time; just in time and just too late; a clock that runs ahead by what is believed, and by more. */
  lag: fc.oneof(
    { weight: 9, arbitrary: fc.constant(0) },
    { weight: 1, arbitrary: fc.constantFrom(DAY_MS, DAY_MS + 1, -5_000, -5_001, -3_600_000) },
  ),
});
export type DrawnEvent = typeof event extends fc.Arbitrary<infer T> ? T : never;

/** Events in segments; between two segments somebody closes what is open for one entity. */
export const segments = fc.array(
  fc.record({
    events: fc.array(event, { minLength: 2, maxLength: 12, size: 'max' }),
    /** Indexes of events of any segment before that are sent again. */
    again: fc.array(fc.nat(20), { maxLength: 2 }),
    close: fc.constantFrom(
      'gateway:alice',
      'gateway:alice',
      '@address:192.0.2.1',
      'gateway:bob',
      'jumpserver-1:alice',
      '@address:192.0.2.1',
      '@address:2001:db8::/64',
      '@asset:web01',
    ),
  }),
  { minLength: 1, maxLength: 3, size: 'max' },
);

export function toEvent(drawn: DrawnEvent, id: string): EventRecord {
  const { type, user, realm, source, asset, address, peer } = drawn;
  const happened = SEEN_MS + drawn.halfSeconds * 500 + drawn.odd;
  // A device whose clock is ahead says so of an event that was seen meanwhile.
  const time = drawn.lag === 0 ? happened : SEEN_MS - drawn.lag;
  const seen = drawn.lag === 0 ? happened : SEEN_MS;
  return makeEvent(type, id, time, {
    user,
    realm,
    source,
    address,
    seen,
    ...(asset === undefined ? {} : { asset }),
    data: peer === undefined ? {} : { peer },
  });
}
