import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { makeEvent } from '#contract/event.ts';
import { EventView } from './event-view.ts';
import { createMatcher } from './matcher.ts';
import { buildRuleSet } from './rule-set.ts';

const word = fc
  .array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 4 })
  .map((chars) => chars.join(''));

/** Values of all kinds, as a rule file would have them, over a tiny alphabet so that matches are common. */
const value = fc.oneof(
  word.map((text) => `command: '${text}'`),
  word.map((text) => `command: '*${text}*'`),
  word.map((text) => `command|contains: '${text}'`),
  fc.tuple(word, word).map(([left, right]) => `command|contains: ['${left}', '${right}']`),
  fc.tuple(word, word).map(([left, right]) => `command|contains|all: ['${left}', '${right}']`),
  word.map((text) => `command|startswith: '${text.toUpperCase()}'`),
  word.map((text) => `command|endswith|cased: '${text}'`),
  word.map((text) => `command|re: '^${text}+'`),
  word.map((text) => `command|re|i: '${text.toUpperCase()}?b'`),
  word.map((text) => `command|re|m|s: '${text}.*$'`),
  word.map((text) => `command|neq: '${text}'`),
  word.map((text) => `command|windash: '-${text}*'`),
  word.map((text) => `command|cased: '${text}?'`),
  fc.constantFrom('command|fieldref|contains: asset', 'asset|exists: true', 'time.hour|lt: 1'),
  word.map((text) => `data.list: '${text}'`),
  word.map((text) => `data.list|contains: '${text}'`),
  fc.constantFrom('type: command.denied', 'type|contains: denied', 'asset: null', 'asset: [a, b]'),
);
const condition = fc.constantFrom(
  'a',
  'a and b',
  'a or b',
  'not a',
  'a and not b',
  '1 of them',
  'all of them',
  'not (a or b)',
);

test('routing changes nothing: the same matches as trying every rule on every event', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ a: value, b: value, condition }), { minLength: 1, maxLength: 6 }),
      fc.array(
        fc.record({
          command: word,
          type: fc.constantFrom('command.denied' as const, 'command.allowed' as const),
          list: fc.array(word, { maxLength: 2 }),
          asset: fc.option(word),
        }),
        { minLength: 1, maxLength: 8 },
      ),
      (drawn, drawnEvents) => {
        const text = drawn.map(
          (one, index) =>
            `title: r${index}\nname: r${index}\nlogsource: {product: portcullis}\ndetection:\n  a:\n    ${one.a}\n  b:\n    ${one.b}\n  condition: ${one.condition}\n`,
        );
        const rules = buildRuleSet([{ path: 'r.yml', text: text.join('---\n') }]);
        const match = createMatcher(rules);
        const view = new EventView(rules.fields);
        for (const { type, command, list, asset } of drawnEvents) {
          const event = makeEvent(type, 'id', 1, {
            user: 'u',
            command,
            data: { list },
            ...(asset === null ? {} : { asset }),
          });
          view.load(event);
          const expected = rules.detections.filter((one) => one.node.test(view)).map((one) => one.id);
          expect(
            match(event)
              .map((record) => record.rule.id)
              .sort(),
          ).toEqual(expected.sort());
        }
      },
    ),
    { numRuns: 700 },
  );
}, 60_000);
