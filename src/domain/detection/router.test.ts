import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { EventType } from '#contract/event-catalogue.ts';
import { makeEvent, type EventFields } from '#contract/event.ts';
import { EventView } from './event-view.ts';
import { buildAutomaton } from './literal-automaton.ts';
import { requiredLiteral } from './regex-literal.ts';
import { createRouter } from './router.ts';
import { buildRuleSet } from './rule-set.ts';

const word = fc
  .array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 4 })
  .map((chars) => chars.join(''));

test('the automaton finds exactly the literals that are in the text', () => {
  const text = fc
    .array(fc.constantFrom('a', 'b', 'c', 'ü', 'x'), { maxLength: 20 })
    .map((chars) => chars.join(''));
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 8 }), text, (words, subject) => {
      const automaton = buildAutomaton(words.map((one, index) => [one, index]));
      const found = new Set<number>();
      automaton.scan(subject, (tag) => found.add(tag));
      expect([...found].sort((left, right) => left - right)).toEqual(
        words.flatMap((one, index) => (subject.includes(one) ? [index] : [])),
      );
    }),
    { numRuns: 500 },
  );
});

test.each([
  ['nc\\s+-e', 'nc'],
  ['^/usr/bin/passwd$', '/usr/bin/passwd'],
  ['(foo|bar)reboot', 'reboot'],
  ['foo|bar', undefined],
  ['colou?r', 'colo'],
  ['abc*d', 'ab'],
  ['abc{0,2}defg', 'defg'],
  ['abc+d', 'abc'],
  ['[]ab]cd', 'cd'],
  ['[[:alpha:]]cd', 'cd'],
  ['a\\.b\\/c', 'a.b/c'],
  ['\\x41bcd', undefined],
  ['ABC', 'abc'],
  ['a.b', undefined],
  ['(unclosed', undefined],
  ['\\Qa|b\\E', undefined],
])('every match of %s contains %s', (pattern, literal) => {
  expect(requiredLiteral(pattern)).toBe(literal);
});

describe('an event is offered only to rules that could match it', () => {
  const rules = buildRuleSet([
    {
      path: 'r.yml',
      text: [
        "  s: {type: command.denied, 'command|contains': passwd}",
        '  s: {type: command.denied, asset: [web01, web02]}',
        '  s: {type: command.denied}',
        "  s: {'command|re': '^a.b'}",
        "  s: {'data.list|contains': needle}",
        "  s: {'command|contains': ü}",
      ]
        .map(
          (selection, index) =>
            `title: r${index}\nname: r${index}\nlogsource: {product: portcullis}\ndetection:\n${selection}\n  condition: s\n`,
        )
        .join('---\n'),
    },
  ]);
  const route = createRouter(rules.detections, rules.fields);
  const offered = (type: EventType, fields: EventFields): readonly string[] => {
    const view = new EventView(rules.fields);
    view.load(makeEvent(type, 'id', 1, fields));
    const ids: string[] = [];
    route(view, ({ id }) => void ids.push(id));
    return ids.sort();
  };
  // r3 and r5 need nothing that could be looked up: they are always tried.
  test.each([
    ['login.failed', {}, ['r3', 'r5']],
    ['command.denied', {}, ['r2', 'r3', 'r5']],
    ['command.denied', { command: 'cat /etc/PASSWD' }, ['r0', 'r2', 'r3', 'r5']],
    ['command.denied', { asset: 'WEB02' }, ['r1', 'r2', 'r3', 'r5']],
    ['command.denied', { asset: 'web03' }, ['r2', 'r3', 'r5']],
    ['login.failed', { data: { list: ['hay', 5, 'a Needle'] } }, ['r3', 'r4', 'r5']],
    ['login.failed', { data: { list: ['needle', 'needle'] } }, ['r3', 'r4', 'r5']],
    ['login.failed', { data: { list: { a: 'needle' } } }, ['r3', 'r5']],
  ] as const satisfies readonly (readonly [EventType, EventFields, readonly string[]])[])(
    '%s %j',
    (type, fields, expected) => {
      expect(offered(type, fields)).toEqual(expected);
      expect(offered(type, fields)).toEqual(expected);
    },
  );
});
