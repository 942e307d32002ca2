import { describe, expect, it } from 'vitest';
import type { Program } from '../verdict.ts';
import {
  hasPlainName,
  matchProgram,
  parseFact,
  parseProgramPattern,
  type ProgramMatch,
} from './program-pattern.ts';

describe('a pattern', () => {
  it.each([
    ['su', { name: 'su', options: [], operands: [] }],
    ['  init   0 ', { name: 'init', options: [], operands: ['0'] }],
    ['/sbin/rm -rf --x /', { name: 'rm', options: ['-rf', '--x'], operands: ['/'] }],
    ['tee - x', { name: 'tee', options: [], operands: ['-', 'x'] }],
    ['', undefined],
    ['  ', undefined],
    ['/', undefined],
    ['a/ b', undefined],
  ] as const)('%j', (text, pattern) => {
    expect(parseProgramPattern(text)).toEqual(pattern);
  });

  it.each([
    ['@dynamic', 'dynamic'],
    ['@unparsable', 'unparsable'],
    ['@other', undefined],
    ['dynamic', undefined],
  ] as const)('%s is the fact %s', (text, fact) => {
    expect(parseFact(text)).toBe(fact);
  });

  it.each([
    ['su', true],
    ['mkfs.*', false],
    ['s?', false],
  ] as const)('%s has a plain name: %s', (text, isPlain) => {
    expect(hasPlainName(parseProgramPattern(text) ?? { name: '', options: [], operands: [] })).toBe(isPlain);
  });
});

/** `~` in front of an argument: it is known only at run time. In front of the name: a file name pattern. */
function program(line: string): Program {
  const [name = '', ...args] = line.split(' ');
  return {
    name: name.replace('~', ''),
    args: args.map((arg) => arg.replace('~', '')),
    start: 0,
    end: 0,
    nameIsPattern: name.startsWith('~'),
    uncertainArgs: args.flatMap((arg, index) => (arg.startsWith('~') ? [index] : [])),
  };
}
const match = (pattern: string, line: string): ProgramMatch =>
  matchProgram(parseProgramPattern(pattern) ?? { name: '', options: [], operands: [] }, program(line));

describe('a match', () => {
  it.each([
    ['su', 'su', 'su'],
    ['su', 'su - root', 'su'],
    ['s*', 'su x', 'su'],
    ['su', '~s?', 'su'],
    ['init 0', 'init 0 1', 'init 0'],
    ['init *', 'init 0', 'init 0'],
    ['rm -rf', 'rm -r -f x', 'rm'],
    ['rm -rf', 'rm -rf x', 'rm -rf'],
    ['rm -rf', 'rm -vfr', 'rm'],
    ['git push --force', 'git push --force', 'git push --force'],
    ['git push --force', 'git push --force=x', 'git push'],
    ['rm -rf /', 'rm -f -r -- /', 'rm /'],
    ['systemctl reboot', 'systemctl -H web02 reboot', 'systemctl reboot'],
    ['systemctl reboot', 'systemctl -q reboot', 'systemctl reboot'],
    ['systemctl reboot', 'systemctl --host=x reboot', 'systemctl reboot'],
    ['rm ** /etc', 'rm a b /etc', 'rm /etc'],
    ['rm ** /etc', 'rm /etc', 'rm /etc'],
    ['cp a ** b', 'cp a x b', 'cp a b'],
    ['find ** -delete', 'find . -delete', 'find -delete'],
    ['> /etc/passwd', '> /etc/passwd', '> /etc/passwd'],
  ] as const)('%s matches %s by %s', (pattern, line, fragment) => {
    expect(match(pattern, line)).toEqual({ matches: 'yes', fragment });
  });

  it.each([
    ['init 0', 'init ~$X'],
    ['rm -rf', 'rm ~$X'],
    ['rm -rf /', 'rm -rf ~$X'],
    ['rm ** /etc', 'rm a ~$X'],
    ['cp a ** b', 'cp ~$X b'],
    ['systemctl reboot', 'systemctl -H web02 ~$X'],
  ] as const)('%s may match %s', (pattern, line) => {
    expect(match(pattern, line)).toEqual({ matches: 'maybe' });
  });

  it.each([
    ['su', 'sum'],
    ['su', 'ls su'],
    ['su', '~l?'],
    ['init 0', 'init'],
    ['init 0', 'init 1 0'],
    ['init 0', 'init 1 ~$X'],
    ['rm -rf', 'rm -r'],
    ['rm -rf /', 'rm -rf /tmp'],
    ['find -delete', 'find . -d -e -l'],
    ['git push --force', 'git push --force-with-lease'],
    ['rm ** /etc', 'rm a b'],
    ['cp a ** b', 'cp b'],
    ['cp a ** b', 'cp a'],
    ['systemctl reboot', 'systemctl -- -H reboot'],
  ] as const)('%s does not match %s', (pattern, line) => {
    expect(match(pattern, line)).toEqual({ matches: 'no' });
  });

  it('an option is found behind -- too: more is stopped than must be', () => {
    expect(match('rm -f', 'rm -- -f').matches).toBe('yes');
  });
});
