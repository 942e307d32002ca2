import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { EventType } from '#contract/event-catalogue.ts';
import { makeEvent, type EventRecord } from '#contract/event.ts';
import { buildRuleSet } from '#domain/detection/rule-set.ts';
import { rehearse, type RehearsalStep } from '#domain/offense/rehearse.ts';
import { oracleFires, type OracleRule } from './detection-oracle.ts';

const TYPES = ['command.denied', 'command.warned', 'login.succeeded'] as const satisfies readonly EventType[];
const RUNS = process.env['SOAK'] === '1' ? 100_000 : 10_000;

function ruleText(rule: OracleRule): string {
  const detections = TYPES.map(
    (type) =>
      `title: ${type}\nname: ${rule.id}-${type}\nlogsource: {product: portcullis}\n` +
      `detection:\n  s: {type: ${type}}\n  condition: s\nportcullis: {mode: off}\n`,
  );
  const conditions = {
    event_count: `condition: {gte: ${rule.atLeast}}`,
    value_count: `condition: {gte: ${rule.atLeast}, field: asset}`,
    temporal: '',
    temporal_ordered: '',
  };
  const correlation =
    `title: ${rule.id}\nname: ${rule.id}\ncorrelation:\n  type: ${rule.kind}\n` +
    `  rules: [${rule.types.map((type) => `${rule.id}-${type}`).join(', ')}]\n  group-by: [user]\n` +
    `  timespan: ${rule.timespanMs / 1000}s\n  ${conditions[rule.kind]}\n` +
    `portcullis: {mode: auto, family: all, entity: user}\n`;
  const used = detections.filter((_text, index) => rule.types.includes(TYPES[index] ?? ''));
  return [...used.map((text) => text.replace('portcullis: {mode: off}\n', '')), correlation].join('---\n');
}

const someTypes = fc.shuffledSubarray([...TYPES], { minLength: 1 });
const twoTypes = fc.shuffledSubarray([...TYPES], { minLength: 2 });
const rule = fc
  .record({
    kind: fc.constantFrom('event_count', 'value_count', 'temporal', 'temporal_ordered'),
    some: someTypes,
    two: twoTypes,
    atLeast: fc.integer({ min: 1, max: 4 }),
    seconds: fc.integer({ min: 1, max: 6 }),
  })
  .map(({ kind, some, two, atLeast, seconds }): OracleRule => ({
    id: '',
    kind,
    types: kind === 'temporal' || kind === 'temporal_ordered' ? two : some,
    atLeast,
    timespanMs: seconds * 1000,
  }));
const rules = fc
  .array(rule, { minLength: 1, maxLength: 3 })
  .map((list) => list.map((one, index) => ({ ...one, id: `r${index}` })));

/** Times on a coarse grid, so that equal times and exact bounds are common. */
const event = fc.record({
  type: fc.constantFrom(...TYPES),
  user: fc.constantFrom('alice', 'bob'),
  asset: fc.constantFrom('web01', 'web02', 'db01'),
  halfSeconds: fc.integer({ min: 0, max: 24 }),
  odd: fc.constantFrom(0, 0, 0, 1),
});
interface Drawn {
  readonly type: EventType;
  readonly user: string;
  readonly asset: string;
  readonly halfSeconds: number;
  readonly odd: number;
}

/** Events in segments; between two segments somebody closes what is open for one person. */
const segments = fc.array(
  fc.record({
    events: fc.array(event, { maxLength: 9 }),
    close: fc.constantFrom('gateway:alice', 'gateway:bob'),
  }),
  { minLength: 1, maxLength: 3 },
);

function toEvent(drawn: Drawn, id: string): EventRecord {
  const time = drawn.halfSeconds * 500 + drawn.odd;
  return makeEvent(drawn.type, id, time, { user: drawn.user, asset: drawn.asset, seen: 20_000 });
}

function stepsOf(groups: readonly (readonly EventRecord[])[], closes: readonly string[]): RehearsalStep[] {
  let position = 0;
  return groups.flatMap((events, index) => [
    ...events.map((one) => ({ position: ++position, event: one })),
    { position: ++position, close: closes[index] ?? '' },
  ]);
}

test('the set of fires is the same as that of an exhaustive search, for every order of arrival', () => {
  fc.assert(
    fc.property(
      rules,
      segments,
      fc.infiniteStream(fc.nat(1_000_000)),
      (drawnRules, drawnSegments, chance) => {
        const ruleSet = buildRuleSet(
          drawnRules.map((one) => ({ path: `${one.id}.yml`, text: ruleText(one) })),
        );
        const groups = drawnSegments.map((segment, s) =>
          segment.events.map((drawn, e) => toEvent(drawn, `event-${s}-${e}`)),
        );
        const closes = drawnSegments.map((segment) => segment.close);
        const expected = [...oracleFires(drawnRules, stepsOf(groups, closes))].sort();
        for (const order of [
          groups,
          groups.map((group) => [...group].reverse()),
          groups.map((group) => shuffled(group, chance)),
        ]) {
          const fires = rehearse(ruleSet, stepsOf(order, closes), Number.MAX_SAFE_INTEGER);
          const found = fires.map((fire) => `${fire.ruleId} ${fire.entity} ${fire.episode}`).sort();
          expect(found).toEqual(expected);
        }
      },
    ),
    { numRuns: RUNS / 2 },
  );
}, 600_000);

test('a duplicate of an event changes nothing', () => {
  fc.assert(
    fc.property(rules, fc.array(event, { minLength: 1, maxLength: 9 }), (drawnRules, drawn) => {
      const ruleSet = buildRuleSet(drawnRules.map((one) => ({ path: `${one.id}.yml`, text: ruleText(one) })));
      const events = drawn.map((one, index) => toEvent(one, `event-${index}`));
      const doubled = events.flatMap((one) => [one, one]);
      const fires = (list: readonly EventRecord[]) =>
        rehearse(ruleSet, stepsOf([list], ['nobody']), Number.MAX_SAFE_INTEGER).map(
          (fire) => `${fire.ruleId} ${fire.entity}`,
        );
      expect(fires(doubled)).toEqual(fires(events));
    }),
    { numRuns: 500 },
  );
});

function shuffled<T>(list: readonly T[], chance: Iterator<number>): T[] {
  const rest = [...list];
  const result: T[] = [];
  while (rest.length > 0) {
    const [taken] = rest.splice(Number(chance.next().value) % rest.length, 1);
    if (taken !== undefined) result.push(taken);
  }
  return result;
}
