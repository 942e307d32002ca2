import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CommandRuleInput } from '#contract/resources/command-rule.ts';
import { compileCommandRules } from './compile-rules.ts';

const guide = readFileSync(new URL('../../../docs/guides/command-rules.md', import.meta.url), 'utf8');
const verdict = (pattern: string, line: string): string =>
  compileCommandRules(
    [CommandRuleInput.parse({ name: 'r', kind: 'program', patterns: [pattern], verdict: 'deny' })],
    { username: 'a', groups: [], roles: [], asset: 'b', account: 'c' },
  ).judge(line).verdict;

describe('the guide tells the truth', () => {
  const rows = [...guide.matchAll(/^\| `([^`]+)` \| `([^`]+)` \| (.+) \|$/gm)];
  it.each(rows.map((row) => [row[1] ?? '', row[2] ?? '', row[3] ?? ''] as const))(
    'about the pattern %s',
    (pattern, stops, passes) => {
      expect(verdict(pattern, stops)).toBe('deny');
      for (const [, line = ''] of passes.matchAll(/`([^`]+)`/g)) expect(verdict(pattern, line)).toBe('allow');
    },
  );

  const block = /The pattern `su` stops\n\n((?: {4}.+\n)+)/.exec(guide)?.[1] ?? '';
  const lines = block.split(/\n| {2,}/).filter((line) => line.trim() !== '');
  it.each(lines)('about %s', (line) => {
    expect(verdict('su', line)).toBe('deny');
  });

  it('and was read', () => {
    expect(rows.length).toBeGreaterThan(6);
    expect(lines.length).toBeGreaterThan(18);
  });
});
