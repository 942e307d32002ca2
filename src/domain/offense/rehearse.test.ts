import { expect, test } from 'vitest';
import { makeEvent } from '#contract/event.ts';
import { buildRuleSet } from '../detection/rule-set.ts';
import { rehearse, type RehearsalStep } from './rehearse.ts';

const RULES = buildRuleSet([
  {
    path: 'r.yml',
    text: `title: Base
name: base
logsource: {product: portcullis}
detection: {s: {type: command.denied}, condition: s}
---
title: Two denials
name: two
correlation: {type: event_count, rules: [base], group-by: [user], timespan: 1h, condition: {gte: 2}}
portcullis: {entity: user}
`,
  },
]);
const QUIET_MS = 10_000;

/** Steps in a row: `alice 5` is a denial at second 5, `tick 9` a tick, `close gateway:alice` an end by hand. */
function fires(...lines: readonly string[]): readonly string[] {
  const steps = lines.map((line, index): RehearsalStep => {
    const [what = '', rest = ''] = line.split(' ');
    const position = index + 1;
    if (what === 'close') return { position, close: rest };
    const type = what === 'tick' ? 'tick' : 'command.denied';
    const fields = what === 'tick' ? {} : { user: what };
    return { position, event: makeEvent(type, line, Number(rest) * 1000, fields) };
  });
  return rehearse(RULES, steps, QUIET_MS).map(
    ({ entity, episode, position, opens }) => `${entity} ${episode} at ${position}${opens ? '' : ' again'}`,
  );
}

test('what crosses opens an episode, for each person apart', () => {
  expect(fires()).toEqual([]);
  expect(fires('alice 1', 'bob 1', 'bob 2', 'alice 2')).toEqual([
    'gateway:bob 1 at 3',
    'gateway:alice 1 at 4',
  ]);
});

test('the same event twice is one', () => {
  expect(fires('alice 1', 'alice 1')).toEqual([]);
});

test('an end by hand arms the rule again, for that person', () => {
  const two = ['alice 1', 'alice 2', 'bob 1', 'bob 2'];
  expect(fires(...two, 'close gateway:alice', 'alice 3', 'bob 3', 'alice 4', 'bob 4')).toEqual([
    'gateway:alice 1 at 2',
    'gateway:bob 1 at 4',
    'gateway:alice 2 at 8',
  ]);
});

test('a second end changes nothing', () => {
  expect(
    fires('alice 1', 'alice 2', 'close gateway:alice', 'alice 3', 'close gateway:alice', 'alice 4'),
  ).toEqual(['gateway:alice 1 at 2', 'gateway:alice 2 at 6']);
});

test('quiet ends an episode, and what belongs to it keeps it from being quiet', () => {
  const open = ['alice 1', 'alice 2', 'alice 3'];
  expect(fires(...open, 'tick 12', 'alice 14', 'alice 15')).toEqual(['gateway:alice 1 at 2']);
  expect(fires(...open, 'tick 13', 'alice 14', 'alice 15')).toEqual([
    'gateway:alice 1 at 2',
    'gateway:alice 2 at 6',
  ]);
});
