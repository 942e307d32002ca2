import { RE2JS, RE2Set } from 're2js';
import type { CommandRuleInput } from '#contract/resources/command-rule.ts';
import type { Span } from '../reading/field.ts';
import { textPatternToRegex } from './text-pattern.ts';

export interface LineHit {
  /** Which of the rules given at construction; the smallest of those that match. */
  readonly rule: number;
  readonly fragment: string;
  readonly span: Span;
}

/** Patterns over the line as text. RE2: matching takes linear time whatever the pattern. */
export interface LinePatterns {
  find(line: string): LineHit | undefined;
}

export function compileLinePatterns(
  rules: readonly { readonly rule: CommandRuleInput; readonly rank: number }[],
): LinePatterns {
  const set = new RE2Set(RE2Set.UNANCHORED);
  const entries: { readonly rank: number; readonly pattern: RE2JS }[] = [];
  for (const { rule, rank } of rules) {
    for (const text of rule.patterns) {
      const source = lineRegex(rule.kind, text);
      const pattern = RE2JS.compile(source);
      set.add(source);
      entries.push({ rank, pattern });
    }
  }
  if (entries.length === 0) return { find: () => undefined };
  set.compile();
  return {
    find(line) {
      const hits = set.match(line).flatMap((index) => entries[index] ?? []);
      for (const { rank, pattern } of hits.toSorted((left, right) => left.rank - right.rank)) {
        const matcher = pattern.matcher(line);
        const fragment = matcher.find() ? (matcher.group() ?? '') : '';
        // An empty match says nothing about the line (JumpServer: counts as no match).
        if (fragment !== '')
          return { rule: rank, fragment, span: { start: matcher.start(), end: matcher.end() } };
      }
      return undefined;
    },
  };
}

/** The regular expression of one pattern. */
export function lineRegex(kind: CommandRuleInput['kind'], text: string): string {
  return kind === 'text' ? textPatternToRegex(text) : text;
}

/** Why a pattern does not compile; undefined when it does. */
export function linePatternProblem(kind: CommandRuleInput['kind'], text: string): string | undefined {
  try {
    RE2JS.compile(lineRegex(kind, text));
    return undefined;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return `${reason}; patterns are RE2: no look-around, no back-references, repeats up to 1000`;
  }
}
