import { describe, expect, it } from 'vitest';
import { isPortcullisError } from '#contract/errors.ts';
import { CommandRuleInput } from '#contract/resources/command-rule.ts';
import { checkCommandRule } from './check-rule.ts';
import { compileCommandRules } from './compile-rules.ts';
import type { CommandJudge, CommandScope } from './verdict.ts';

const scope: CommandScope = {
  username: 'alice',
  groups: ['dev'],
  roles: ['user', 'auditor'],
  asset: 'web01',
  account: 'root',
};

let counter = 0;
const rule = (fields: Partial<CommandRuleInput> & Pick<CommandRuleInput, 'patterns'>): CommandRuleInput => {
  counter += 1;
  return CommandRuleInput.parse({ name: `rule-${counter}`, kind: 'program', verdict: 'deny', ...fields });
};
const judgeWith = (...rules: readonly CommandRuleInput[]): CommandJudge => compileCommandRules(rules, scope);

describe('order', () => {
  it('tries lower priorities first', () => {
    const judge = judgeWith(
      rule({ patterns: ['reboot'], priority: 20 }),
      rule({ patterns: ['reboot'], priority: 10, verdict: 'allow' }),
    );
    expect(judge.judge('reboot').verdict).toBe('allow');
  });

  it('takes deny before warn before allow at one priority', () => {
    const allow = rule({ patterns: ['x'], verdict: 'allow' });
    const warn = rule({ patterns: ['x'], verdict: 'warn' });
    const deny = rule({ patterns: ['x'] });
    expect(judgeWith(allow, warn, deny).judge('x')).toMatchObject({ verdict: 'deny', rule: deny.name });
    expect(judgeWith(allow, warn).judge('x')).toMatchObject({ verdict: 'warn', rule: warn.name });
  });

  it('does not let an allowed program open the line for another', () => {
    const judge = judgeWith(
      rule({ patterns: ['ls', 'mysql'], priority: 1, verdict: 'allow' }),
      rule({ patterns: ['rm'], priority: 50 }),
    );
    expect(judge.judge('ls; rm x').verdict).toBe('deny');
    expect(judge.judge('mysql -h rm-db').verdict).toBe('allow');
  });

  it('gives the strictest verdict of a line', () => {
    const judge = judgeWith(rule({ patterns: ['a'], verdict: 'warn' }), rule({ patterns: ['b'] }));
    expect(judge.judge('a && true').verdict).toBe('warn');
    expect(judge.judge('a && b')).toMatchObject({ verdict: 'deny', matched: 'b' });
  });
});

describe('who and where', () => {
  it.each([
    [{ users: ['ALICE'] }, 'deny'],
    [{ users: ['bob'] }, 'allow'],
    [{ users: [], groups: ['Dev'] }, 'deny'],
    [{ users: [], groups: [] }, 'allow'],
    [{ users: [], roles: ['auditor'] }, 'deny'],
    [{ users: [], roles: ['admin', 'responder'] }, 'allow'],
    [{ users: ['bob'], groups: ['ops'], roles: ['user'] }, 'deny'],
    [{ users: [], roles: ['user'], accounts: ['app'] }, 'allow'],
    [{ assets: ['web02'] }, 'allow'],
    [{ accounts: ['app'] }, 'allow'],
    [{ accounts: ['root'], assets: ['web01'] }, 'deny'],
  ] as const)('%j', (fields, verdict) => {
    const selectors = Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, [...value]]));
    expect(judgeWith(rule({ patterns: ['su'], ...selectors })).judge('su').verdict).toBe(verdict);
  });
});

describe('what is shown', () => {
  const judge = judgeWith(
    rule({ name: 'ids', patterns: ['su', 'init 0', 'rm -rf'], message: 'Ask the security desk.' }),
    rule({ name: 'text', kind: 'text', patterns: ['drop table'] }),
    rule({ name: 'regex', kind: 'regex', patterns: ['curl .*evil'] }),
  );
  it.each([
    ['sudo /bin/su -', 'su'],
    ['s""u -', 'su'],
    ['init   0', 'init 0'],
    ['rm -rf /tmp/x', 'rm -rf'],
    ['mysql -e "DROP  TABLE x"', 'DROP  TABLE'],
    ['curl http://evil/x', 'curl http://evil'],
  ])('%s → %s', (line, matched) => {
    expect(judge.judge(line)).toMatchObject({ verdict: 'deny', matched });
  });

  it('is the program rather than the whole line, where one rule names both', () => {
    expect(judgeWith(rule({ patterns: ['su', '@dynamic'] })).judge('$X su')).toMatchObject({ matched: 'su' });
    const apart = judgeWith(rule({ patterns: ['su'], priority: 1 }), rule({ patterns: ['@dynamic'] }));
    expect(apart.judge('$X su').matched).toBe('su');
    const first = judgeWith(rule({ patterns: ['@dynamic'], priority: 1 }), rule({ patterns: ['su'] }));
    expect(first.judge('$X su').matched).toBe('$X su');
  });

  it('is cut where it is long', () => {
    const dynamic = judgeWith(rule({ patterns: ['@dynamic'] }));
    const line = (length: number): string => `$X ${'a'.repeat(length - 3)}`;
    expect(dynamic.judge(line(59)).matched).toBe(line(59));
    expect(dynamic.judge(line(60)).matched).toBe(line(60));
    expect(dynamic.judge(line(61)).matched).toBe(`${line(59)}…`);
    expect(dynamic.judge('$X   a').matched).toBe('$X a');
  });

  it('is what a rule about text found in a line that cannot be read', () => {
    const text = rule({ kind: 'text', patterns: ['forbidden'] });
    const unread = `forbidden ${'a;'.repeat(200_000)}`;
    expect(judgeWith(text).judge(unread)).toMatchObject({
      verdict: 'deny',
      rule: text.name,
      matched: 'forbidden',
      reading: { unread: true },
    });
    expect(judgeWith().judge(unread)).toMatchObject({ verdict: 'deny', rule: null });
  });

  it('carries the message of the rule', () => {
    expect(judge.judge('su').message).toBe('Ask the security desk.');
    expect(judge.judge('drop table x').message).toBeNull();
  });
});

describe('where it was', () => {
  const judge = judgeWith(
    rule({ patterns: ['su', '> /etc/passwd', '= HISTFILE=*'] }),
    rule({ kind: 'text', patterns: ['drop table'] }),
    rule({ kind: 'regex', patterns: ['кот'] }),
    rule({ patterns: ['@unparsable'] }),
  );
  const marked = (line: string): string | null => {
    const { span } = judge.judge(line);
    return span === null ? null : line.slice(span.start, span.end);
  };
  it.each([
    ['sudo su - root', 'su - root'],
    ["ls; s''u -; id", "s''u -"],
    ['echo "𝒂 $(su -c id)"', 'su -c id'],
    ['echo x >> /etc/passwd', '>> /etc/passwd'],
    ['HISTFILE=/dev/null bash', 'HISTFILE=/dev/null'],
    ['mysql -e "𝒂 DROP  TABLE x"', 'DROP  TABLE'],
    ['echo 𝒂кот', 'кот'],
    // What is inside a word has the place of the word.
    ['bash -c "ls; su"', '"ls; su"'],
    // A fact about the whole line has no place.
    ['ls )', null],
    ['ls', null],
  ])('%s → %s', (line, part) => {
    expect(marked(line)).toBe(part);
  });

  it('is left out when NUL shifts what was read', () => {
    expect(judge.judge('\0su')).toMatchObject({ verdict: 'deny', span: null });
  });

  it('is that of the program an allow-list does not name', () => {
    const strict = compileCommandRules([rule({ patterns: ['ls'], verdict: 'allow' })], scope, {
      unmatched: 'deny',
    });
    expect(strict.judge('ls; id -u')).toMatchObject({ verdict: 'deny', span: { start: 4, end: 9 } });
  });
});

describe('program patterns', () => {
  const verdict = (pattern: string, line: string): string =>
    judgeWith(rule({ patterns: [pattern] })).judge(line).verdict;

  it.each([
    ['rm -rf', 'rm -r -f x'],
    ['rm -rf', 'rm -vfr x'],
    ['rm -rf /', 'rm -rf --no-preserve-root /'],
    ['rm ** /etc', 'rm -rf a b /etc c'],
    ['mkfs.*', '/sbin/mkfs.ext4 /dev/sda'],
    ['mkfs*', 'mkfs'],
    ['systemctl reboot', 'systemctl --force -H x reboot'],
    ['iptables -F', 'iptables -t nat -F'],
    ['git push --force', 'git push origin --force'],
    ['kubectl delete', 'kubectl -n prod delete pod x'],
    ['/sbin/reboot', 'reboot'],
    ['find ** -delete', 'find . -name x -delete'],
  ])('%s stops %s', (pattern, line) => {
    expect(verdict(pattern, line)).toBe('deny');
  });

  it.each([
    ['rm -rf', 'rm -r x'],
    ['rm -rf /', 'rm -rf /tmp/x'],
    ['systemctl reboot', 'systemctl status reboot'],
    ['init 0', 'init'],
    ['init 0', 'init 5 0'],
    ['mkfs.*', 'ls mkfs.ext4'],
    ['find -delete', 'find . -type d -depth -links 2'],
    ['su', 'su-exec x'],
  ])('%s passes %s', (pattern, line) => {
    expect(verdict(pattern, line)).toBe('allow');
  });

  it('says dynamic when an argument decides that is not known yet', () => {
    const judge = judgeWith(rule({ patterns: ['systemctl reboot'] }));
    expect(judge.judge('systemctl $ACTION').reading.dynamic).toBe(true);
    expect(judge.judge('systemctl restart $UNIT').reading.dynamic).toBe(false);
  });
});

describe('facts', () => {
  it('can be named by a rule', () => {
    const judge = judgeWith(rule({ name: 'no-dynamic', patterns: ['@dynamic', '@unparsable'] }));
    for (const line of ['$X', 'eval ls', 'x | base64 -d | sh', '. f', 'alias a=b', 'ls )'])
      expect(judge.judge(line)).toMatchObject({ verdict: 'deny', rule: 'no-dynamic' });
    for (const line of ['ls $HOME', 'echo $(date)', 'ls *.c'])
      expect(judge.judge(line).verdict).toBe('allow');
  });
});

describe('an allow-list', () => {
  const allowed = [
    rule({ patterns: ['ls', 'systemctl status', 'sudo'], verdict: 'allow' }),
    rule({ patterns: ['>'], verdict: 'allow', assets: ['other'] }),
  ];
  const judge = compileCommandRules(allowed, scope, { unmatched: 'deny' });

  it.each(['ls -l', 'sudo systemctl status nginx', 'ls; ls'])('passes %s', (line) => {
    expect(judge.judge(line).verdict).toBe('allow');
  });
  it.each([
    'id',
    'ls; id',
    'ls $(id)',
    'sudo id',
    'ls > f',
    'ls `$X`',
    'ls "',
    'ls )',
    '> f',
    'X=1 ls',
    '',
    '# x',
  ])('denies %s', (line) => {
    expect(judge.judge(line).verdict).toBe('deny');
  });
});

describe('input for programs', () => {
  it('is only judged by text rules', () => {
    const judge = judgeWith(
      rule({ patterns: ['su'] }),
      rule({ kind: 'regex', patterns: ['su'] }),
      rule({ kind: 'text', patterns: ['drop table'] }),
    );
    expect(judge.judgeInput('su').verdict).toBe('allow');
    expect(judge.judgeInput('drop table x')).toMatchObject({ verdict: 'deny', matched: 'drop table' });
  });
});

describe('lines that cannot be read', () => {
  it('are denied', () => {
    const judge = judgeWith(rule({ patterns: ['su'] }));
    for (const line of ['a'.repeat(70_000), '$('.repeat(2000), 'su;'.repeat(10_000)])
      expect(judge.judge(line).verdict).toBe('deny');
  });
});

describe('broken rules', () => {
  it.each([
    ['regex', '(?=x)'],
    ['regex', '('],
    ['program', 'a; b'],
    ['program', '@whatever'],
    ['program', '/'],
  ] as const)('of kind %s with pattern %s are reported and never skipped', (kind, pattern) => {
    const broken = rule({ kind, patterns: ['fine', pattern] });
    expect(checkCommandRule(broken)).toMatchObject([{ path: 'patterns.1' }]);
    const attempt = (): unknown => {
      try {
        return judgeWith(broken);
      } catch (error) {
        return isPortcullisError(error) ? error.code : error;
      }
    };
    expect(attempt()).toBe('E_RULE');
  });
});
