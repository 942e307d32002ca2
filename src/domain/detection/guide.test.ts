import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runRuleTests } from '../offense/rule-tests.ts';
import { buildRuleSet } from './rule-set.ts';

const guide = readFileSync(
  join(import.meta.dirname, '..', '..', '..', 'docs', 'guides', 'detection-rules.md'),
  'utf8',
);

test('every rule in the guide loads and passes its own tests', () => {
  const blocks = [...guide.matchAll(/(?<=\n\n)(?: {4}.*\n)+/g)]
    .map(([block]) => block)
    .filter((block) => block.startsWith('    title:'));
  expect(blocks).toHaveLength(2);
  for (const block of blocks) {
    const rules = buildRuleSet([{ path: 'guide.md', text: block.replaceAll(/^ {4}/gm, '') }]);
    const results = [...rules.rules.values()].flatMap((rule) => runRuleTests(rules, rule));
    expect(results.length).toBeGreaterThanOrEqual(2);
    expect(results.filter(({ passed }) => !passed)).toEqual([]);
  }
});

test('what the guide says is refused is refused, and what it lists as fields is known', () => {
  const rule = (detection: string): (() => unknown) => {
    const text = `title: T\nname: t\nlogsource: {product: portcullis}\ndetection:\n${detection}\n`;
    return () => buildRuleSet([{ path: 'guide.md', text }]);
  };
  const fields = /^Fields: (.*?), and `data/ms.exec(guide)?.[1]?.match(/[a-z]+/g) ?? [];
  expect(fields.length).toBeGreaterThan(15);
  for (const field of fields) expect(rule(`  s: {${field}|exists: true}\n  condition: s`)).not.toThrow();
  for (const modifier of ['base64', 'base64offset', 'wide', 'expand', 'minute', 'year'])
    expect(rule(`  s: {command|${modifier}: x}\n  condition: s`)).toThrow(modifier);
});
