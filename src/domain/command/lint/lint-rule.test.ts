import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CommandRuleInput, type CommandRuleWarning } from '#contract/resources/command-rule.ts';
import { compileCommandRules } from '../compile-rules.ts';
import type { CommandJudge, CommandJudgement } from '../verdict.ts';
import { lintCommandRule } from './lint-rule.ts';

type Kind = CommandRuleInput['kind'];
type Verdict = CommandRuleInput['verdict'];

const rule = (kind: Kind, patterns: readonly string[], verdict: Verdict = 'deny'): CommandRuleInput =>
  CommandRuleInput.parse({ name: 'r', kind, patterns, verdict });
const scope = { username: 'alice', groups: [], roles: [], asset: 'web01', account: 'root' };
const judgeOf = (one: CommandRuleInput): CommandJudge => compileCommandRules([one], scope);

/** `code: line` of everything that is said about one pattern. */
const said = (kind: Kind, pattern: string, verdict: Verdict = 'deny'): readonly string[] =>
  lintCommandRule(rule(kind, [pattern], verdict)).flatMap(({ code, examples }) =>
    examples.map(({ line }) => `${code}: ${line}`),
  );

describe('what is said about a pattern', () => {
  it.each<[Kind, string, readonly string[]]>([
    [
      'text',
      'rm',
      [
        'as-argument: echo rm',
        'part-of-word: rm-x',
        "other-spellings: r''m",
        String.raw`other-spellings: r\m`,
        String.raw`other-spellings: $'\x72m'`,
        "program-kind: r''m",
      ],
    ],
    ['text', 'rm -rf', ['part-of-word: xrm -rf', "other-spellings: r''m -rf"]],
    ['text', '/sbin/reboot', ['needs-word-before: /sbin/reboot']],
    ['text', '>', ['needs-word-before: echo a > f']],
    ['text', ' ', ['almost-everything: ls -l']],
    ['text', ' rm', ['position: rm']],
    ['regex', 'rm', ['part-of-word: rm-x']],
    ['regex', '.*', ['almost-everything: ls -l']],
    ['regex', '^reboot$', ['position: sudo reboot']],
    ['regex', String.raw`\bcurl\s.*evil`, ['as-argument: echo curl evil']],
    ['program', '*', ['almost-everything: ls -l']],
    ['program', '/sbin/reboot', ['any-folder: /elsewhere/reboot']],
    // A keyword of the shell, not a program.
    ['program', 'time ls', ['not-a-program: time ls']],
  ])('%s %s', (kind, pattern, expected) => {
    expect(said(kind, pattern)).toEqual(expect.arrayContaining([...expected]));
  });

  it('names the hole of allow-lists over text', () => {
    expect(said('text', 'ls', 'allow')).toContain('opens-line: ls; reboot');
    expect(said('regex', '^ls( -l)?', 'allow')).toContain('opens-line: ls; reboot');
    expect(said('regex', '^ls$', 'allow')).not.toContain('opens-line: ls; reboot');
    expect(said('program', 'ls', 'allow')).toEqual([]);
  });

  it('is nothing where nothing is wrong', () => {
    for (const pattern of [
      'su',
      'rm -rf /',
      'mkfs*',
      '> /etc/passwd',
      '= HIST*',
      'mv ** /var/log* **',
      '@dynamic',
    ])
      expect(said('program', pattern)).toEqual([]);
  });

  it('does not call a word of SQL a program', () => {
    expect(said('text', 'drop table').join()).not.toContain('program-kind');
    expect(said('regex', 'DELETE FROM').join()).not.toContain('program-kind');
  });

  it('does not call missed what another pattern of the rule sees', () => {
    const codes = lintCommandRule(rule('text', [' rm', 'rm'])).map(({ code }) => code);
    expect(codes).not.toContain('position');
  });

  it('tells a pattern that stands twice, and looks at as many as it may', () => {
    expect(lintCommandRule(rule('program', ['su', 'passwd', 'su']))).toEqual([
      expect.objectContaining({ code: 'duplicate', examples: [{ pattern: 'su', line: 'su' }] }),
    ]);
    expect(lintCommandRule(rule('program', ['su', 'passwd', 'su']), 2)).toEqual([]);
  });
});

/** Whether a line of a warning does what the warning says, asked of the rule itself. */
function holds(one: CommandRuleInput, { code, examples }: CommandRuleWarning): boolean {
  const judge = judgeOf(one);
  const decides = (judgement: CommandJudgement): boolean => judgement.rule === one.name;
  return examples.every(({ pattern, line }) => {
    const judgement = judge.judge(line);
    switch (code) {
      case 'opens-line':
        return decides(judgement) && judgement.verdict === 'allow' && judgement.reading.programs.length > 1;
      case 'almost-everything':
      case 'as-argument':
      case 'part-of-word':
      case 'any-folder':
      case 'duplicate':
        return decides(judgement);
      case 'program-kind': {
        const asProgram = { ...one, kind: 'program' as const, patterns: [(pattern ?? '').trim()] };
        // A regex is not spelled as a program is; for those the table above has examples.
        return !decides(judgement) && (one.kind === 'regex' || decides(judgeOf(asProgram).judge(line)));
      }
      default:
        return !decides(judgement);
    }
  });
}

describe('whatever the rule', () => {
  const word = fc.constantFrom(
    'rm',
    'su',
    'ls',
    'init',
    'a.b',
    '/bin/x',
    '-rf',
    '0',
    '>',
    ' ',
    'É',
    '"',
    '(',
  );
  const piece = fc.oneof(word, fc.constantFrom('\\b', '\\s+', '.*', '^', '$', '|', '[ab]', 'x?', '*'));
  const pattern = fc
    .oneof(
      fc.array(word, { minLength: 1, maxLength: 3 }).map((words) => words.join(' ')),
      fc.array(piece, { minLength: 1, maxLength: 5 }).map((pieces) => pieces.join('')),
      fc.string({ minLength: 1, maxLength: 6 }),
    )
    .filter((text) => text !== '');

  it('every line does what the warning says', () => {
    fc.assert(
      fc.property(
        fc.constantFrom<Kind>('text', 'regex', 'program'),
        fc.constantFrom<Verdict>('deny', 'warn', 'allow'),
        fc.array(pattern, { minLength: 1, maxLength: 3 }),
        (kind, verdict, patterns) => {
          const one = rule(kind, patterns, verdict);
          for (const warning of lintCommandRule(one)) {
            expect(warning.examples.length).toBeGreaterThan(0);
            expect({ warning, holds: holds(one, warning) }).toMatchObject({ holds: true });
          }
        },
      ),
      { numRuns: 250 },
    );
  }, 30_000);
});
