import { describe, expect, it } from 'vitest';
import { CommandRuleInput } from '#contract/resources/command-rule.ts';
import { lintCommandRules } from './lint-rules.ts';

const rule = (fields: object): CommandRuleInput =>
  CommandRuleInput.parse({ kind: 'program', verdict: 'deny', ...fields });
const said = (...rules: readonly object[]): readonly string[] =>
  lintCommandRules(rules.map(rule)).flatMap(({ rule: name, code, examples }) =>
    examples.map(({ line }) => `${name ?? 'all'} ${code}: ${line}`),
  );
const NO_DYNAMIC = { name: 'd', priority: 99, patterns: ['@dynamic'] };

describe('rules beside each other', () => {
  it('tells what an earlier rule answers for', () => {
    expect(
      said(
        NO_DYNAMIC,
        { name: 'ok', priority: 1, patterns: ['su', 'ls'], verdict: 'allow' },
        { name: 'no', patterns: ['su', 'passwd'] },
      ),
    ).toEqual(['no shadowed: su']);
  });

  it('tells what an earlier rule says already', () => {
    const twice = said(
      NO_DYNAMIC,
      { name: 'a', patterns: ['rm'] },
      { name: 'b', patterns: ['rm -rf'], priority: 60 },
    );
    expect(twice).toEqual(['b duplicate: rm -rf']);
  });

  it('tells that text opens the line to what a later rule forbids', () => {
    const text = { name: 'ok', priority: 1, kind: 'text', patterns: ['su'], verdict: 'allow' };
    expect(said(NO_DYNAMIC, text, { name: 'no', patterns: ['su'] })).toContain('no shadowed: su');
  });

  it.each([
    [{ users: ['bob'] }],
    [{ roles: ['admin'] }],
    [{ groups: ['ops'] }],
    [{ assets: ['web01'] }],
    [{ accounts: ['app'] }],
  ])('does not call an exception for %j a shadow', (who) => {
    const exception = { name: 'ok', priority: 1, patterns: ['su'], verdict: 'allow', ...who };
    expect(said(NO_DYNAMIC, exception, { name: 'no', patterns: ['su'] })).toEqual([]);
  });

  it('knows an exception for as many or more', () => {
    const exception = { name: 'ok', priority: 1, patterns: ['su'], verdict: 'allow', groups: ['ops', 'dev'] };
    expect(said(NO_DYNAMIC, exception, { name: 'no', patterns: ['su'], groups: ['Dev'] })).toEqual([
      'no shadowed: su',
    ]);
  });

  it('tells once what passes because it is decided at run time', () => {
    expect(said({ name: 'a', patterns: ['su'] }, { name: 'b', patterns: ['rm'] })).toEqual([
      'all dynamic-passes: sh ./script',
      'all dynamic-passes: $X',
      'all dynamic-passes: base64 -d FILE | sh',
    ]);
    expect(said({ name: 'a', patterns: ['su', '@dynamic'] })).toEqual([]);
    expect(said({ name: 'a', patterns: ['ls'], verdict: 'allow' })).toEqual([]);
  });
});
