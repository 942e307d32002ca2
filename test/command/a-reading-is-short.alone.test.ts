import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { definitionsAfter, NO_DEFINITIONS, type Definitions } from '#domain/command/definitions.ts';
import { readCommand } from '#domain/command/reading/read-line.ts';

/** No text of 64 KB may hold a session up for longer, on a machine that reads the line below in 16 µs. */
const LIMIT_MS = 5;
const TYPICAL_MS = 0.016;
const TYPICAL =
  'sudo systemctl restart nginx.service && tail -f /var/log/nginx/access.log | grep -v "health z" | ' +
  'awk \'{print $1}\' | sort | uniq -c | sort -rn | head -n 20 # look at $HOME "$(date +%F)" ${X:-a} bc';
const LONGEST = 65_536;
/** A line can be worst just below the length at which it is given up. */
const LENGTHS = [LONGEST, 24_000, 12_000, 6_000, 2_000];

const fill = (piece: string): string => piece.repeat(Math.ceil(LONGEST / piece.length)).slice(0, LONGEST);
const chain = (count: number, link: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => link(index)).join('; ');

/** Lines made to be expensive, by what they are made of. */
const WORST: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    [
      'a b c ',
      'ls;',
      'ls|',
      'x',
      'a=b ',
      'a=1||',
      'a=1&&',
      '$a ',
      '"a" ',
      "'a'",
      '\\a',
      '\n',
      '# x\n',
      '>f ',
      '&',
      '{a,b}',
      '{1..9} ',
      '* ',
      '[[ a ]]; ',
      'if a; then b; fi;',
      'f() { a; }; ',
      '!a ',
      'a"!"',
      ')',
      '}',
      'a } ',
      '`a` ',
      '$((1)) ',
      '${a//b/c} ',
      '<(a) ',
      'cat <<E\nx\nE\n',
      '((a=1));',
      'x=a y=$x ',
      'a[$x]=1;',
      '\r',
      '\0',
      'alias a=b;',
      'read a b c;',
      'set -- a b;',
      'shift;',
      'export a=b;',
      'unset a b;',
      'hash -p a b;',
      'eval ',
      'bash -c ',
      'sudo ',
      'sudo --us a ',
      'xargs ',
      'env -S ',
      'find . -exec {} \\; ',
      'exec -a ',
      'time ',
    ].map((piece) => [piece, fill(piece)]),
  ),
  'nested substitutions': '$('.repeat(LONGEST / 2),
  'nested substitutions of zsh': '${$('.repeat(LONGEST / 4),
  'substitutions of zsh': fill('${$(a)} '),
  'nested quotations': '"$('.repeat(LONGEST / 3),
  'nested brackets': '('.repeat(LONGEST),
  'nested loops': fill('for i in 1 2 3 4 5 6 7 8 9; do '),
  'nested conditions': `if a; then b; ${fill('elif a; then b; ')}`,
  'one long here-document': `cat <<E\n${fill('text $x\n')}`,
  'a here-document that is none': `'<<E\n${fill('ls;')}`,
  'one long script': `sh -c '${fill('a;')}'`,
  'one long pattern': `X='${fill('[')}'; $X`,
  'a variable that doubles': `a=xxxxxxxx;${fill('a=$a$a;')}`,
  'words that double': `a="x x x x x";${fill('a="$a $a";').slice(0, 4_000)}${fill('$a ')}`,
  'many values of a variable': `a=1||a=2||a=3||a=4||a=5; ${fill('$($a ')}`,
  'a function that calls itself': 'f() { f "$@" f; f f; f; }; f',
  'functions that call two': `${chain(300, (index) => `f${index}() { f${index + 1} a; f${index + 1} b; }`)}; f0`,
  'aliases that stand for two': `${chain(300, (index) => `alias a${index}='a${index + 1};a${index + 1}'`)}; a0`,
  'an alias of itself': "alias a='a a a '; a a a a",
  'an alias that is evaluated': "alias x='eval x x'; x",
  'many aliases': chain(4_000, (index) => `alias a${index}=b`),
  braces: `echo ${'{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b} '.repeat(400)}`,
  cuts: `x=${'a*'.repeat(40)}; ${fill('${x#*a*a*a*a*b} ')}`,
  'separators of one kind': `IFS=abcdef; x="${fill('abc')}"; $x`,
  'code that calls': `python3 -c '${fill('system("a")')}'`,
  'code that spawns': `expect -c '${fill('spawn -x ')}'`,
  'a script for sed': `sed '${fill('/a/,/b/ ')}'`,
  'commands of vim': `vim -c '${fill('| sil ')}'`,
  blanks: `vim -c '|${fill(' ')}'`,
  'a makefile': `make -f - <<< '${fill('a:')}'`,
  'a crontab': `crontab - <<< '${fill('\n')}'`,
  'settings of git': `git ${fill('-c core.pager=a ')}`,
  'options of tar': `tar ${fill('-I a ')}`,
  'a format': `printf '${fill('%s')}' a | sh`,
  filters: `echo ${fill('ab ')}| rev | tr a-z b-z | rev | sh`,
  'functions of fish': `${fill('function f; ')})`,
  'another grammar': `${fill('a ; ')})`,
};

const slowness = (): number => {
  const start = performance.now();
  for (let round = 0; round < 20; round += 1) readCommand(TYPICAL);
  return Math.max(1, (performance.now() - start) / 20 / TYPICAL_MS);
};

/** Median of a few, as a share of the limit; the machine may be busy, so a line of known cost is read beside it. */
function shareOfLimit(line: string, definitions: Definitions, rounds = 5): number {
  const shares = Array.from({ length: rounds }, () => {
    const limit = LIMIT_MS * slowness();
    const start = performance.now();
    readCommand(line, definitions);
    return (performance.now() - start) / limit;
  });
  const median = shares.toSorted((left, right) => left - right)[rounds >> 1] ?? 0;
  // What comes near is measured with care.
  return median > 0.7 && rounds < 25 ? shareOfLimit(line, definitions, 25) : median;
}

/** As many names as a session can have. */
let full = NO_DEFINITIONS;
for (let index = 0; !full.full && index < 2_000; index += 1) {
  const line = `alias a${index}='ls; a${index + 1} '; f${index}() { f${index + 1} "$@"; }; x${index}=$x${index - 1}y`;
  full = definitionsAfter(full, readCommand(line, full));
}

it('whatever the line is made of', () => {
  for (let round = 0; round < 3_000; round += 1) readCommand(TYPICAL);
  const slow: string[] = [];
  for (const [name, line] of Object.entries(WORST)) {
    for (const length of LENGTHS.filter((one) => one <= line.length || one === LONGEST)) {
      for (const definitions of [NO_DEFINITIONS, full]) {
        const share = shareOfLimit(line.slice(0, length), definitions);
        if (share > 1) slow.push(`${name} (${length}): ${share.toFixed(1)} times the limit`);
      }
    }
  }
  expect(full.full).toBe(true);
  expect(slow).toEqual([]);
});

it('nor for anything that chance brings together', () => {
  const piece = fc.oneof(
    fc.constantFrom(...Object.keys(WORST).filter((one) => one.length < 24)),
    fc.string(),
  );
  const line = fc.oneof(
    fc.array(piece, { minLength: 1, maxLength: 6 }).map((pieces) => fill(pieces.join('') || 'a')),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 500 }).map(fill),
  );
  fc.assert(
    fc.property(line, fc.constantFrom(...LENGTHS), (text, length) => {
      expect(shareOfLimit(text.slice(0, length), NO_DEFINITIONS)).toBeLessThan(1);
    }),
    { numRuns: 300 },
  );
});
