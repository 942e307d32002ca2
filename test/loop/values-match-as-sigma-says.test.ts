import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import { makeEvent } from '#contract/event.ts';
import { createMatcher } from '#domain/detection/matcher.ts';
import { buildRuleSet } from '#domain/detection/rule-set.ts';
import type { JsonValue } from '#lib/json.ts';
import { runSeed } from '../testbed/seeds.ts';
import { oracleMatches, type OracleItem } from './value-oracle.ts';

const RUNS = process.env['SOAK'] === '1' ? 30_000 : 3_000;
const EVENTS_PER_RULE = 6;
const seed = runSeed('value oracle');

const text = (characters: readonly string[], maxLength: number) =>
  fc.array(fc.constantFrom(...characters), { maxLength }).map((chars) => chars.join(''));

/** Small alphabets, so that matches are common; every character that means something is in one of them. */
const plain = text(['a', 'B', 'b', '-', '/', '\u2013', ' ', '*', '?', '\\', '😀', 'ß', '1'], 7);
const pattern = text(['a', 'b', 'A', 'B', '-', '/', ' ', '*', '*', '?', '\\', '\\', '😀', '1'], 6);
const address = fc.constantFrom(
  '192.0.2.1',
  '192.0.2.200',
  '198.51.100.1',
  '2001:db8::1',
  '2001:db8:1::1',
  '::1',
  'host',
);
const range = fc.constantFrom(
  '192.0.2.0/24',
  '192.0.2.0/25',
  '0.0.0.0/0',
  '192.0.2.1/32',
  '2001:db8::/32',
  '2001:db8::/48',
  '::/0',
);
const number = fc.oneof(fc.integer({ min: -2, max: 3 }), fc.constantFrom(0.5, 1.5));
const numeric = fc.oneof(number, number.map(String), fc.constantFrom('x', '', '0x1', '1 '));

const ATOMS = ['a', 'b', '.', 'B', '[ab]', '[^a]', '\n', '1'] as const;
const regex = fc
  .array(fc.tuple(fc.constantFrom(...ATOMS), fc.constantFrom('', '', '*', '+', '?', '{1,2}')), {
    minLength: 1,
    maxLength: 4,
  })
  .chain((atoms) => {
    const body = atoms.map(([atom, quantifier]) => atom + quantifier).join('');
    return fc.constantFrom(body, `^${body}`, `${body}$`, `^${body}$`, `(${body}|bb)`, `b(${body})+`);
  });
const lines = text(['a', 'b', 'A', 'B', '\n', '1'], 6);

const among = (...names: readonly string[]) => fc.subarray([...names]);
const anchoring = fc.constantFrom([], ['contains'], ['startswith'], ['endswith']);
const values = <T>(one: fc.Arbitrary<T>) => fc.array(one, { minLength: 1, maxLength: 3 });

interface Case {
  readonly item: OracleItem;
  readonly fields: readonly {
    readonly actual: JsonValue | undefined;
    readonly other: JsonValue | undefined;
  }[];
}

function cases(
  modifiers: fc.Arbitrary<readonly string[]>,
  wanted: fc.Arbitrary<OracleItem['values']>,
  actual: fc.Arbitrary<JsonValue>,
): fc.Arbitrary<Case> {
  const field = fc.oneof(
    { weight: 6, arbitrary: actual },
    { weight: 2, arbitrary: fc.array(actual, { maxLength: 3 }) },
    { weight: 1, arbitrary: fc.constantFrom(null, undefined, '', true, false, {}) },
  );
  return fc.record({
    item: fc.record({ modifiers, values: wanted }),
    fields: fc.array(fc.record({ actual: field, other: field }), {
      minLength: EVENTS_PER_RULE,
      maxLength: EVENTS_PER_RULE,
    }),
  });
}

const joined = (...parts: readonly fc.Arbitrary<readonly string[]>[]) =>
  fc.tuple(...parts).map((lists) => lists.flat());
const everyCase = fc.oneof(
  {
    weight: 5,
    arbitrary: cases(joined(among('all', 'cased', 'neq', 'windash'), anchoring), values(pattern), plain),
  },
  {
    weight: 2,
    arbitrary: cases(joined(fc.constant(['re']), among('i', 'm', 's', 'all', 'neq')), values(regex), lines),
  },
  { weight: 1, arbitrary: cases(joined(fc.constant(['cidr']), among('all', 'neq')), values(range), address) },
  {
    weight: 2,
    arbitrary: cases(
      joined(fc.constantFrom(['lt'], ['lte'], ['gt'], ['gte']), among('all')),
      values(number),
      numeric,
    ),
  },
  {
    weight: 2,
    arbitrary: cases(
      joined(fc.constant(['fieldref']), among('cased', 'neq'), anchoring),
      fc.constant(['data.other']),
      text(['a', 'A', 'b'], 3),
    ),
  },
  {
    weight: 1,
    arbitrary: cases(
      fc.constant(['exists']),
      fc.boolean().map((one) => [one]),
      plain,
    ),
  },
  { weight: 1, arbitrary: cases(among('neq'), fc.constant([null]), plain) },
  { weight: 1, arbitrary: cases(among('neq', 'all'), values(fc.oneof(number, fc.boolean())), numeric) },
);

function ruleText({ modifiers, values: wanted }: OracleItem): string {
  const key = ['data.actual', ...modifiers].join('|');
  return stringify({
    title: 'Random',
    name: 'random',
    logsource: { product: 'portcullis' },
    detection: { s: { [key]: wanted.length === 1 ? wanted[0] : wanted }, condition: 's' },
  });
}

test('a field has a value exactly when the specification says so', () => {
  let matched = 0;
  fc.assert(
    fc.property(everyCase, ({ item, fields }) => {
      const match = createMatcher(buildRuleSet([{ path: 'random.yml', text: ruleText(item) }]));
      for (const { actual, other } of fields) {
        const data = {
          ...(actual === undefined ? {} : { actual }),
          ...(other === undefined ? {} : { other }),
        };
        const found = match(makeEvent('command.denied', 'id', 1, { user: 'alice', data })).length > 0;
        expect(found, JSON.stringify({ item, data })).toBe(oracleMatches(item, actual, other));
        if (found) matched += 1;
      }
    }),
    { numRuns: RUNS, seed },
  );
  // A search in which nothing matches, or everything, proves nothing.
  expect(matched).toBeGreaterThan((RUNS * EVENTS_PER_RULE) / 10);
  expect(matched).toBeLessThan((RUNS * EVENTS_PER_RULE * 9) / 10);
}, 600_000);
