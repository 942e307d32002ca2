import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CommandRuleInput } from '#contract/resources/command-rule.ts';
import { compileCommandRules } from '../compile-rules.ts';
import { importJumpServerRules } from './import-rules.ts';

/**
 * What JumpServer 4 does, written down from what is known of it (see the guide): lists become one regular
 * expression, the first filter by priority whose expression is found anywhere decides, ties go to the stricter.
 * Nothing of the import is used here; the engine is that of JavaScript.
 */
interface Group {
  readonly type: 'command' | 'regex';
  readonly content: string;
  readonly ignore_case: boolean;
}
interface Acl {
  readonly priority: number;
  readonly action: string;
  readonly groups: readonly Group[];
}

const STRICTEST_FIRST = ['reject', 'review', 'notify_and_warn', 'warning', 'accept'];

/** Where a word begins or ends, for letters of any alphabet. */
const WORD = '[\\p{L}\\p{Mn}\\p{Nd}\\p{Pc}]';
const BOUNDARY = `(?:(?<!${WORD})(?=${WORD})|(?<=${WORD})(?!${WORD}))`;

function expressionOf({ type, content, ignore_case }: Group): RegExp {
  const lines = content.split('\r\n').join('\n').split('\n');
  const flags = ignore_case ? 'iu' : 'u';
  if (type === 'regex') return new RegExp(lines.join('|').replaceAll('\\b', BOUNDARY), flags);
  const pieces: string[] = [];
  for (const line of lines) {
    let escaped = '';
    for (const char of line.split(/\s+/).join(' '))
      escaped += '()[]{}?*+|^$\\.'.includes(char) ? `\\${char}` : char === ' ' ? '\\s+' : char;
    if (line.includes(' ')) pieces.push(escaped);
    else if (line !== '')
      pieces.push(/\p{L}$/u.test(line) ? BOUNDARY + escaped + BOUNDARY : BOUNDARY + escaped);
  }
  return new RegExp(pieces.join('|'), flags);
}

const compiled = new Map<string, RegExp>();

function isFound(group: Group, line: string): boolean {
  const key = JSON.stringify(group);
  const expression = compiled.get(key) ?? expressionOf(group);
  compiled.set(key, expression);
  return (expression.exec(line)?.[0] ?? '') !== '';
}

/** The action of JumpServer; null when no filter matches. */
function oracle(acls: readonly Acl[], line: string): string | null {
  const ordered = [...acls].sort(
    (left, right) =>
      left.priority - right.priority ||
      STRICTEST_FIRST.indexOf(left.action) - STRICTEST_FIRST.indexOf(right.action),
  );
  return ordered.find(({ groups }) => groups.some((group) => isFound(group, line)))?.action ?? null;
}

const VERDICTS: Readonly<Record<string, string>> = {
  reject: 'deny',
  review: 'deny',
  notify_and_warn: 'warn',
  warning: 'warn',
  accept: 'allow',
};

function exported(acls: readonly Acl[]): object {
  const all = { users: { type: 'all' }, assets: { type: 'all' }, accounts: ['@ALL'] };
  const groups = acls.flatMap((acl, index) =>
    acl.groups.map((group, place) => ({
      ...group,
      id: `g${index}-${place}`,
      name: `g${index}-${place}`,
      type: { value: group.type, label: '' },
    })),
  );
  return {
    command_groups: groups,
    command_filter_acls: acls.map(({ priority, action }, index) => ({
      ...all,
      id: `a${index}`,
      name: `a${index}`,
      priority,
      action: { value: action, label: '' },
      command_groups: acls[index]?.groups.map((_group, place) => ({ id: `g${index}-${place}`, name: 'x' })),
    })),
  };
}

function importedJudge(acls: readonly Acl[]) {
  const { rules, errors } = importJumpServerRules([JSON.parse(JSON.stringify(exported(acls)))]);
  expect(errors).toEqual([]);
  // Stored rules come back by name, not in the order of the import.
  const stored = rules
    .map(({ rule }) => CommandRuleInput.parse(rule))
    .toSorted((left, right) => (left.name < right.name ? -1 : 1));
  return compileCommandRules(stored, {
    username: 'alice',
    groups: [],
    roles: [],
    asset: 'web01',
    account: 'root',
  });
}

const command = (content: string, ignore_case = true): Group => ({ type: 'command', content, ignore_case });
const regex = (content: string, ignore_case = true): Group => ({ type: 'regex', content, ignore_case });

describe('one group', () => {
  it.each<[Group, string, boolean]>([
    [command('rm'), 'rm', true],
    [command('rm'), 'sudo rm x', true],
    [command('rm'), 'rm-x', true],
    [command('rm'), 'rmdir x', false],
    [command('rm'), 'RM x', true],
    [command('rm', false), 'RM x', false],
    [command('rm', false), 'x; rm', true],
    [command('rm -rf'), 'rm   -rf /', true],
    [command('rm -rf'), 'rm\t-rf /', true],
    [command('rm -rf'), 'xrm -rf', true],
    [command('rm -rf', false), 'rm -RF', false],
    [command('mkfs.'), 'mkfs.ext4', true],
    [command('mkfs.'), 'xmkfs.ext4', false],
    [command('init 0'), 'init 0', true],
    [command('init 0'), 'init 01', true],
    [command('su'), 'sudo ls', false],
    [command('su'), 'sudo su', true],
    [command('/sbin/reboot'), '/sbin/reboot', false],
    [command('/sbin/reboot'), 'sudo /sbin/reboot', false],
    [command('/sbin/reboot'), '/usr/sbin/reboot', true],
    [command('>'), '> f', false],
    [command('>'), 'echo x> f', true],
    [command(' '), 'ls -l', true],
    [command(' '), 'ls', false],
    [command('a\tb'), 'a b', true],
    [command('rm\r\n\r\nreboot'), 'reboot', true],
    [command('rm\n'), 'ls', false],
    [command(''), 'ls', false],
    [regex('^rm\\b'), 'rm x', true],
    [regex('^rm\\b'), 'sudo rm x', false],
    [regex('rm'), 'alarm', true],
    [regex('RM'), 'rm', true],
    [regex('RM', false), 'rm', false],
    [regex('shutdown\nreboot'), 'sudo reboot', true],
    // An alternative that matches nothing, at the start of the line, hides what stands further right.
    [regex('reboot\n'), 'sudo reboot', false],
    [regex('reboot\n'), 'reboot', true],
    [regex('a*'), 'bab', false],
  ])('%j on %j: %s', (group, line, found) => {
    const acls = [{ priority: 50, action: 'reject', groups: [group] }];
    expect(oracle(acls, line) !== null).toBe(found);
    expect(importedJudge(acls).judge(line).verdict).toBe(found ? 'deny' : 'allow');
  });
});

describe('several filters', () => {
  it.each<[string, readonly Acl[], string, string]>([
    [
      'the lower priority goes first',
      [
        { priority: 20, action: 'reject', groups: [command('reboot')] },
        { priority: 10, action: 'accept', groups: [command('reboot')] },
      ],
      'reboot',
      'accept',
    ],
    [
      'at one priority reject goes before accept',
      [
        { priority: 10, action: 'accept', groups: [command('ls')] },
        { priority: 10, action: 'reject', groups: [command('rm')] },
      ],
      'ls; rm x',
      'reject',
    ],
    [
      'accept lets the whole line pass',
      [
        { priority: 10, action: 'accept', groups: [command('ls')] },
        { priority: 20, action: 'reject', groups: [command('rm')] },
      ],
      'ls; rm x',
      'accept',
    ],
    [
      'at one priority a warning goes before accept and behind review',
      [
        { priority: 10, action: 'accept', groups: [command('a')] },
        { priority: 10, action: 'warning', groups: [command('b')] },
        { priority: 10, action: 'review', groups: [command('c')] },
      ],
      'a b',
      'warning',
    ],
    [
      'any group of a filter will do',
      [{ priority: 10, action: 'reject', groups: [command('a'), regex('^b'), command('C', false)] }],
      'x C',
      'reject',
    ],
    [
      'the order outside 1 to 100 stays',
      [
        { priority: 300, action: 'reject', groups: [command('a')] },
        { priority: 200, action: 'accept', groups: [command('a')] },
        { priority: 0, action: 'warning', groups: [command('b')] },
      ],
      'a',
      'accept',
    ],
  ])('%s', (_what, acls, line, action) => {
    expect(oracle(acls, line)).toBe(action);
    expect(importedJudge(acls).judge(line).verdict).toBe(VERDICTS[action]);
  });
});

describe('whatever the filters', () => {
  const line = fc.constantFrom('rm', 'rm -rf', 'su', 'ls', '/sbin/x', '>', ' ', 'a\tb', 'x.y', '', 'A');
  const expression = fc.constantFrom(
    'rm',
    '\\bsu\\b',
    '^ls',
    's[ux]',
    'a*',
    '',
    'x.y',
    '\\d+',
    '(rm|ls) ',
    'A$',
  );
  const lines = (one: fc.Arbitrary<string>): fc.Arbitrary<string> =>
    fc.array(one, { minLength: 1, maxLength: 3 }).map((several) => several.join('\n'));
  const group = fc.oneof(
    fc.record({ type: fc.constant('command' as const), content: lines(line), ignore_case: fc.boolean() }),
    fc.record({ type: fc.constant('regex' as const), content: lines(expression), ignore_case: fc.boolean() }),
  );
  const acl = fc.record({
    priority: fc.constantFrom(-3, 1, 2, 50, 100, 200, 300),
    action: fc.constantFrom(...STRICTEST_FIRST),
    groups: fc.array(group, { minLength: 1, maxLength: 3 }),
  });
  const typed = fc
    .array(
      fc.constantFrom(
        'rm',
        'RM',
        '-rf',
        'su',
        'sudo',
        'ls',
        '/sbin/x',
        'x/sbin/x',
        '>',
        ' ',
        '  ',
        ';',
        '1',
        'a',
        'xzy',
      ),
    )
    .map((words) => words.join(''));

  it('the imported rules decide as JumpServer does', () => {
    fc.assert(
      fc.property(
        fc.array(acl, { minLength: 1, maxLength: 4 }),
        fc.array(typed, { maxLength: 8 }),
        (acls, all) => {
          const judge = importedJudge(acls);
          for (const one of all) {
            const action = oracle(acls, one);
            const { verdict, rule } = judge.judge(one);
            expect({ one, verdict, matched: rule !== null }).toEqual({
              one,
              verdict: action === null ? 'allow' : VERDICTS[action],
              matched: action !== null,
            });
          }
        },
      ),
      { numRuns: 80 },
    );
  }, 30_000);

  it('denies all that JumpServer rejects in other alphabets too', () => {
    const foreign = fc.constantFrom('É', '重启', 'rm', 'x重', '重x', '重 启', '>');
    const words = fc.constantFrom('É', '重启', 'rm', 'x重', '重x', '重  启', '>', ' ', 'x', '重');
    const mixed = fc.array(words, { maxLength: 5 }).map((several) => several.join(''));
    fc.assert(
      fc.property(foreign, fc.boolean(), mixed, (content, ignore_case, one) => {
        const acls = [{ priority: 50, action: 'reject', groups: [command(content, ignore_case)] }];
        fc.pre(oracle(acls, one) !== null);
        expect({ content, one, verdict: importedJudge(acls).judge(one).verdict }).toMatchObject({
          verdict: 'deny',
        });
      }),
    );
  });
});
