import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { EVENT_PROPERTIES, TRANSFORMS } from '#contract/log-source-type.ts';
import { buildLogSourceTypes } from './log-source-types.ts';
import { runTypeTests } from './type-tests.ts';

const guide = readFileSync(
  join(import.meta.dirname, '..', '..', '..', 'docs', 'guides', 'log-sources.md'),
  'utf8',
);

test('the type in the guide loads and passes its own tests', () => {
  const [block = ''] = /(?<=\n\n) {4}name: .*\n(?: {4}.*\n)+/.exec(guide) ?? [];
  const { all } = buildLogSourceTypes([{ path: 'guide.md', text: block.replaceAll(/^ {4}/gm, '') }]);
  const results = all.flatMap(runTypeTests);
  expect(results).toHaveLength(3);
  expect(results.filter(({ passed }) => !passed)).toEqual([]);
});

test('the guide names every transform and every property', () => {
  for (const name of Object.keys(TRANSFORMS)) expect(guide).toContain(`| \`${name}\` |`);
  for (const name of EVENT_PROPERTIES) expect(guide).toContain(`\`${name}\``);
});
