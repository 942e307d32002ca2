import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCommand } from './read-line.ts';

const names = (line: string): readonly string[] => readCommand(line).programs.map((program) => program.name);

/** Every way to write one character that the shell takes for that character. */
const spelled = (char: string): fc.Arbitrary<string> => {
  const code = char.charCodeAt(0);
  return fc.constantFrom(
    char,
    `\\${char}`,
    `'${char}'`,
    `"${char}"`,
    `''${char}`,
    `${char}""`,
    `$'${char}'`,
    `$'\\x${code.toString(16)}'`,
    `$'\\${code.toString(8).padStart(3, '0')}'`,
    `$"${char}"`,
    `\\\n${char}`,
  );
};
const spelledWord = (word: string): fc.Arbitrary<string> =>
  fc.tuple(...Array.from(word, spelled)).map((pieces) => pieces.join(''));
const path = fc.constantFrom('', '/bin/', '../x/', './', '~/', "'/usr'/bin/");
const before = fc.constantFrom(
  '',
  'ls; ',
  'true && ',
  'false || ',
  'x | ',
  '(',
  '{ ',
  '! ',
  'A=1 ',
  'sudo ',
  'env -i ',
  '>f ',
  'nohup nice ',
);
const closing: Readonly<Record<string, string>> = { '(': ')', '{ ': '; }' };

// Thousands of lines, on a machine that may be busy.
const TIMEOUT = { timeout: 30_000 };

describe('a program is found', TIMEOUT, () => {
  it('however it is spelled and whatever stands in front', () => {
    fc.assert(
      fc.property(before, path, spelledWord('su'), (front, folder, word) => {
        expect(names(`${front}${folder}${word}${closing[front] ?? ''}`)).toContain('su');
      }),
      { numRuns: 2000 },
    );
  });

  it('inside any nesting of shells and substitutions', () => {
    const wrap = fc.constantFrom<(inner: string) => string>(
      (inner) => `echo $( ${inner})`,
      (inner) => `echo "x $( ${inner})"`,
      (inner) => `bash -c '${inner.replaceAll("'", String.raw`'\''`)}'`,
      (inner) => `sudo sh -c "${inner.replaceAll(/[\\"$\x60]/g, String.raw`\$&`)}"`,
      (inner) => `( ${inner} )`,
      (inner) => `if true; then ${inner}; fi`,
      (inner) => `cat <(${inner})`,
      (inner) => `f() { ${inner}; }`,
    );
    fc.assert(
      fc.property(fc.array(wrap, { maxLength: 5 }), (layers) => {
        const line = layers.reduce((inner, layer) => layer(inner), 'su -');
        expect(names(line)).toContain('su');
      }),
      { numRuns: 1000 },
    );
  });

  it('and is not found where it is only text', () => {
    const quiet = fc.constantFrom('su', 'su -', ';su', '&&su', '|su', '(su)', '\nsu\n', '#su');
    fc.assert(
      fc.property(quiet, fc.constantFrom('echo', 'grep', 'git commit -m'), (text, program) => {
        expect(names(`${program} '${text}' f`)).not.toContain('su');
        expect(names(`${program} "${text}" f`)).not.toContain('su');
      }),
    );
  });
});

describe('any text', TIMEOUT, () => {
  const shellish = fc
    .array(
      fc.constantFrom(
        'su',
        'a',
        ' ',
        '\n',
        ';',
        '|',
        '&',
        '(',
        ')',
        '{',
        '}',
        '<',
        '>',
        '<<',
        '$',
        '$(',
        '${',
        '`',
        '"',
        "'",
        '\\',
        '[',
        ']',
        '*',
        '?',
        '!',
        '#',
        '=',
        'if',
        'then',
        'fi',
        'for',
        'in',
        'do',
        'done',
        'case',
        'esac',
        'EOF',
        '<<EOF\n',
        '((',
        '))',
        '[[',
        ']]',
        'sudo ',
        'bash -c ',
        'eval ',
        'xargs ',
        '{a,b}',
        "$'",
        '\u0000',
        '\u200b',
        '😀',
      ),
      { maxLength: 60 },
    )
    .map((tokens) => tokens.join(''));

  it('gives a reading with places inside the line', () => {
    fc.assert(
      fc.property(fc.oneof(shellish, fc.string({ maxLength: 300 })), (line) => {
        for (const program of readCommand(line).programs) {
          expect(program.name).not.toBe('');
          expect(program.start).toBeGreaterThanOrEqual(0);
          expect(program.end).toBeLessThanOrEqual(line.length);
          expect(program.start).toBeLessThanOrEqual(program.end);
        }
      }),
      { numRuns: 5000 },
    );
  });
});
