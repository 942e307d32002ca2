import type { CommandRuleInput, CommandRuleWarning } from '#contract/resources/command-rule.ts';
import { checkCommandRule } from '../check-rule.ts';
import { parseFact, parseProgramPattern } from '../matching/program-pattern.ts';
import { EFFECTS, Findings, type Finding } from './finding.ts';
import { lineFindings } from './line-findings.ts';
import { Probe } from './probe.ts';
import { sampleLine } from './sample-line.ts';

/** Lines nobody wants to stop, and that have little in common. */
const EVERYDAY = ['ls -l', 'cd /tmp', 'echo a b', 'cat f', 'git status'];
const MOST = 3;
const TWICE = 'The same pattern stands here twice.';

/**
 * What a rule stops that it should not, and what it misses. Everything said was tried: a line in a warning is
 * judged by the rule as the warning says. Pure; a rule that does not compile has no warnings.
 *
 * @param maxPatterns - further patterns are not looked at: each takes a fraction of a millisecond.
 */
export function lintCommandRule(
  rule: CommandRuleInput,
  maxPatterns = Number.POSITIVE_INFINITY,
): readonly CommandRuleWarning[] {
  if (checkCommandRule(rule).length > 0) return [];
  const findings = new Findings(rule.verdict);
  const whole = new Probe(rule);
  const seen = new Set<string>();
  for (const pattern of rule.patterns.slice(0, maxPatterns)) {
    const sample = sampleLine(rule.kind, pattern);
    if (seen.has(pattern)) {
      const line = [sample ?? '', `x${sample ?? ''}`].find((one) => whole.hits(one));
      if (line !== undefined) findings.add(pattern, { code: 'duplicate', line }, TWICE);
      continue;
    }
    for (const finding of patternFindings(rule, pattern, sample)) {
      // What one pattern misses and another one sees is not missed.
      const isMissed = EFFECTS[finding.code] === 'too-much' || !whole.hits(finding.line);
      if (isMissed) findings.add(pattern, finding);
    }
    seen.add(pattern);
  }
  return findings.all();
}

function patternFindings(
  rule: CommandRuleInput,
  pattern: string,
  sample: string | undefined,
): readonly Finding[] {
  const probe = new Probe({ kind: rule.kind, patterns: [pattern] });
  const everyday = EVERYDAY.filter((line) => probe.hits(line));
  const [line] = everyday;
  if (line !== undefined && everyday.length >= MOST) return [{ code: 'almost-everything', line }];
  if (sample === undefined) return [];
  return rule.kind === 'program'
    ? programFindings(probe, pattern, sample)
    : lineFindings(rule, pattern, sample, probe);
}

function programFindings(probe: Probe, pattern: string, sample: string): readonly Finding[] {
  if (parseFact(pattern) !== undefined) return [];
  if (!probe.hits(sample)) return [{ code: 'not-a-program', line: sample }];
  const [first = ''] = pattern.trim().split(/\s+/);
  const name = parseProgramPattern(pattern)?.name ?? '';
  const elsewhere = sample.replace(/^\S+/, `/elsewhere/${name}`);
  return first.includes('/') && !/[*?]/.test(name) && probe.hits(elsewhere)
    ? [{ code: 'any-folder', line: elsewhere }]
    : [];
}
