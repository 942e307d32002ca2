import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { checkPlaybooks } from '#domain/playbook/playbook-file.ts';
import { runRuleTests } from '#domain/offense/rule-tests.ts';
import { loadPlaybooks, loadRules } from './load-content.ts';

const content = join(import.meta.dirname, '..', '..', 'content');
const rules = await loadRules([join(content, 'rules')]);
const firing = [...rules.rules.values()];

test('each shipped rule that fires has tests that expect a fire and tests that expect none', () => {
  expect(firing.length).toBeGreaterThan(0);
  for (const rule of firing) {
    const expected = rule.tests.map((one) => one.fires.length);
    expect(
      expected.some((count) => count > 0),
      rule.place,
    ).toBe(true);
    expect(
      expected.some((count) => count === 0),
      rule.place,
    ).toBe(true);
  }
});

test('each shipped rule says what may set it off wrongly, and one alone acts by itself', () => {
  for (const { attributes, place } of [...firing, ...rules.detections])
    expect(attributes.known['falsepositives'], place).toBeInstanceOf(Array);
  expect(firing.filter(({ playbook }) => playbook !== null).map(({ name, mode }) => [name, mode])).toEqual([
    ['brute_force', 'shadow'],
    ['password_spraying', 'approve'],
    ['guessed_password', 'approve'],
    ['rejected_privileged_command', 'auto'],
  ]);
});

test('every playbook that a shipped rule names exists and fits it', async () => {
  const playbooks = await loadPlaybooks([join(content, 'playbooks')]);
  expect(playbooks.size).toBeGreaterThan(0);
  expect(() => checkPlaybooks(rules, playbooks)).not.toThrow();
});

test('a folder that cannot be read is named', async () => {
  await expect(loadRules(['/nowhere'])).rejects.toMatchObject({ code: 'E_RULE' });
});

describe.each(firing.map((rule) => [rule.title, rule] as const))('%s', (_title, rule) => {
  test.each(runRuleTests(rules, rule).map((result) => [result.test, result] as const))(
    '%s',
    (_name, result) => {
      expect(result.fired).toEqual(result.expected);
    },
  );
});
