import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { makeEvent, type EventRecord } from '#contract/event.ts';
import { buildRuleSet, type RuleSet } from '#domain/detection/rule-set.ts';
import { rehearse, type RehearsalStep, type RehearsedFire } from '#domain/offense/rehearse.ts';
import { runSeed } from '../testbed/seeds.ts';
import { oracleFires, type OracleRule } from './detection-oracle.ts';
import { rules, ruleText, segments, toEvent } from './random-rules.ts';

const RUNS = process.env['SOAK'] === '1' ? 35_000 : 3_500;
const seed = runSeed('detection oracle');

function compile(drawn: readonly OracleRule[]): RuleSet {
  return buildRuleSet(drawn.map((one) => ({ path: `${one.id}.yml`, text: ruleText(one) })));
}

function stepsOf(groups: readonly (readonly EventRecord[])[], closes: readonly string[]): RehearsalStep[] {
  let position = 0;
  return groups.flatMap((events, index) => [
    ...events.map((one) => ({ position: ++position, event: one })),
    { position: ++position, close: closes[index] ?? '' },
  ]);
}

function run(ruleSet: RuleSet, steps: readonly RehearsalStep[]): readonly RehearsedFire[] {
  return rehearse(ruleSet, steps, Number.MAX_SAFE_INTEGER);
}

const name = (fire: RehearsedFire): string => `${fire.ruleId} ${fire.key} ${fire.episode}`;

test('the set of fires is that of an exhaustive search, for every order of arrival, and each comes at once', () => {
  const fired: Record<OracleRule['kind'], number> = {
    event_count: 0,
    value_count: 0,
    temporal: 0,
    temporal_ordered: 0,
  };
  let laterEpisodes = 0;
  fc.assert(
    fc.property(
      rules,
      segments,
      fc.infiniteStream(fc.nat(1_000_000)),
      (drawnRules, drawnSegments, chance) => {
        const ruleSet = compile(drawnRules);
        const all: EventRecord[] = [];
        const groups = drawnSegments.map(({ events, again }, s) => {
          const own = events.map((drawn, e) => toEvent(drawn, `event-${s}-${e}`));
          all.push(...own);
          return [...own, ...again.flatMap((index) => all[index] ?? [])];
        });
        const closes = drawnSegments.map((segment) => segment.close);
        const expected = [...oracleFires(drawnRules, stepsOf(groups, closes))].sort();
        for (const fire of expected) {
          const rule = drawnRules.find(({ id }) => fire.startsWith(`${id} `));
          if (rule !== undefined) fired[rule.kind] += 1;
          if (!fire.endsWith(' 1')) laterEpisodes += 1;
        }
        for (const order of [
          groups,
          groups.map((group) => [...group].reverse()),
          groups.map((group) => shuffled(group, chance)),
        ])
          expect(run(ruleSet, stepsOf(order, closes)).map(name).sort()).toEqual(expected);
        // Not a step too early or too late: the prefix that ends with a fire has it, the one before has not.
        const steps = stepsOf(groups, closes);
        for (const fire of run(ruleSet, steps)) {
          const until = steps.filter((step) => step.position <= fire.position);
          expect(oracleFires(drawnRules, until)).toContain(name(fire));
          expect(oracleFires(drawnRules, until.slice(0, -1))).not.toContain(name(fire));
        }
      },
    ),
    { numRuns: RUNS, seed },
  );
  // A search in which nothing fires proves nothing. The rarest kind fires in one run of eighteen or so, as chance
  // has it: this is far enough below not to be met by chance, and well above nothing.
  for (const count of [...Object.values(fired), laterEpisodes]) expect(count).toBeGreaterThan(RUNS / 50);
}, 600_000);

const HOUR_MS = 3_600_000;
const START_MS = 1_800_000_000_000;

const THREE_DENIALS: OracleRule = {
  id: 'three',
  kind: 'event_count',
  parts: [{ types: ['command.denied'], count: null, addressIn: 'address' }],
  atLeast: 3,
  timespanMs: 24 * HOUR_MS,
  groupBy: ['user'],
};

let counter = 0;
function denied(timeMs: number, more: Partial<EventRecord> = {}): EventRecord {
  counter += 1;
  return makeEvent('command.denied', `denied-${counter}`, START_MS + timeMs, { user: 'alice', ...more });
}

describe('by hand', () => {
  const fires = (...events: readonly EventRecord[]) =>
    run(compile([THREE_DENIALS]), stepsOf([events], ['nobody'])).length;

  test('the window holds both its ends, and nothing behind them', () => {
    expect(fires(denied(0), denied(1), denied(24 * HOUR_MS))).toBe(1);
    expect(fires(denied(0), denied(1), denied(24 * HOUR_MS + 1))).toBe(0);
    expect(fires(denied(24 * HOUR_MS), denied(1), denied(0))).toBe(1);
  });

  test('a record that comes again is one record; two alike with their own ids are two', () => {
    const once = denied(0);
    expect(fires(once, once, denied(1))).toBe(0);
    expect(fires(once, once, denied(1), denied(2))).toBe(1);
    expect(fires(denied(0), denied(0), denied(0))).toBe(1);
  });

  test('a record that comes again in the next episode was counted in the last', () => {
    const before = [denied(0), denied(1), denied(2), denied(3)];
    const steps = stepsOf([before, [...before, denied(4), denied(5)]], ['gateway:alice', 'nobody']);
    expect(run(compile([THREE_DENIALS]), steps).map(name)).toEqual(['three ["gateway:alice"] 1']);
  });

  test('what comes late counts where it happened, up to a day', () => {
    const late = (lagMs: number) => denied(0, { seen: START_MS + lagMs });
    expect(fires(denied(HOUR_MS), denied(2 * HOUR_MS), late(24 * HOUR_MS))).toBe(1);
    expect(fires(denied(HOUR_MS), denied(2 * HOUR_MS), late(24 * HOUR_MS + 1))).toBe(0);
  });

  test('a clock that runs ahead is believed for five seconds; beyond, the time of arrival counts', () => {
    const ahead = (byMs: number) => denied(24 * HOUR_MS + byMs, { seen: START_MS + 24 * HOUR_MS });
    expect(fires(denied(0), denied(1), ahead(5_000))).toBe(0);
    expect(fires(denied(0), denied(1), ahead(5_001))).toBe(1);
    expect(fires(denied(0), denied(1), ahead(365 * 24 * HOUR_MS))).toBe(1);
  });

  test('a clock that runs behind is believed: its events count where it says', () => {
    const behind = (timeMs: number) => denied(timeMs - HOUR_MS, { seen: START_MS + timeMs });
    expect(fires(denied(0), denied(1), behind(25 * HOUR_MS))).toBe(1);
    expect(fires(denied(0), denied(1), behind(25 * HOUR_MS + 1))).toBe(0);
  });

  test('five failures, then a success: not before the fifth, not after the window', () => {
    const chain: OracleRule = {
      id: 'chain',
      kind: 'temporal_ordered',
      parts: [
        {
          types: ['login.failed'],
          count: { kind: 'event_count', atLeast: 5, timespanMs: 600_000 },
          addressIn: 'address',
        },
        { types: ['login.succeeded'], count: null, addressIn: 'address' },
      ],
      atLeast: 2,
      timespanMs: 600_000,
      groupBy: ['address'],
    };
    const at = (timeMs: number, type: 'login.failed' | 'login.succeeded', id: string) =>
      makeEvent(type, id, START_MS + timeMs, { address: '192.0.2.1' });
    const failures = [0, 1, 2, 3, 600_000].map((timeMs) => at(timeMs, 'login.failed', `failed-${timeMs}`));
    const crossed = (successMs: number, ...without: readonly number[]) => {
      const events = [
        at(successMs, 'login.succeeded', 'in'),
        ...failures.filter((_f, i) => !without.includes(i)),
      ];
      return run(compile([chain]), stepsOf([events], ['nobody'])).length;
    };
    expect(crossed(600_000)).toBe(1);
    expect(crossed(1_200_000)).toBe(1);
    expect(crossed(1_200_001)).toBe(0);
    expect(crossed(599_999)).toBe(0);
    expect(crossed(600_000, 2)).toBe(0);
  });
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
