import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TypedLine } from './typed-line.ts';

function typed(...pieces: readonly (string | Uint8Array)[]): TypedLine {
  const line = new TypedLine();
  for (const piece of pieces) line.feed(Buffer.from(piece));
  return line;
}

function stateOf({ readings, text, sure, isEmpty, inPaste, sureInEveryMode }: TypedLine): unknown {
  return { readings, text, sure, isEmpty, inPaste, sureInEveryMode };
}

/** Random bytes, mixed with sequences that mean something. */
const pieces = fc.array(
  fc.oneof(
    fc.uint8Array({ maxLength: 4 }),
    fc
      .constantFrom(
        '\u001B',
        '\u001B[D',
        '\u001B[1;5C',
        '\u001B[200~',
        '\u001B[201~',
        'é',
        '资',
        '🙂',
        'd',
        'cw',
      )
      .map((text) => new Uint8Array(Buffer.from(text))),
    fc
      .constantFrom('\u0016', '\u0019', 'su', 'fa;', '3rx', 'u', 'p', 'yy', 'e\u0301')
      .map((text) => new Uint8Array(Buffer.from(text))),
  ),
  { maxLength: 30 },
);

describe('any bytes', () => {
  it('give the same line wherever they are cut', () => {
    fc.assert(
      fc.property(pieces, fc.array(fc.nat(), { maxLength: 5 }), (parts, cuts) => {
        const bytes = Buffer.concat(parts);
        const places = cuts.map((cut) => cut % (bytes.length + 1)).sort((left, right) => left - right);
        const cut = [0, ...places].map((from, index) => bytes.subarray(from, places[index] ?? bytes.length));
        expect(stateOf(typed(...cut))).toEqual(stateOf(typed(bytes)));
      }),
    );
  });

  it('are at least known to be unknown', () => {
    fc.assert(
      fc.property(pieces, (parts) => {
        const line = typed(...parts);
        expect(line.sure && line.readings[0] !== line.text).toBe(false);
        line.addLineEnd();
        line.reset();
        expect(line.text).toBe('');
      }),
    );
  });
});

describe('the mode in use', () => {
  it('is emacs mode to begin with', () => {
    const line = typed('ab\u001Bbcwx');
    expect(line).toMatchObject({ text: 'cwxab', sure: true, inViMode: false });
    expect(line.readings).toEqual(['cwxab', 'x']);
  });

  it('is the one whose line is shown', () => {
    const line = typed('ab\u001Bbcwx');
    line.agreedWith('x');
    expect(line).toMatchObject({ text: 'x', inViMode: true });
    expect(line.readings).toEqual(['x', 'cwxab']);
    line.reset();
    line.feed(Buffer.from('ab\u0001c'));
    expect(line.text).toBe('ab\u0001c');
    line.agreedWith('cab');
    expect(line).toMatchObject({ text: 'cab', inViMode: false });
  });

  it('stays when both modes have that line', () => {
    const line = typed('ls');
    line.agreedWith('ls');
    expect(line).toMatchObject({ inViMode: false, readings: ['ls'] });
  });

  it('does not make up for emacs mode', () => {
    const line = typed('ab\u001Bcw');
    line.agreedWith('');
    line.reset();
    line.feed(Buffer.from('ab\u0018'));
    expect(line).toMatchObject({ sure: false, readings: ['ab\u0018'] });
  });
});

describe('a line that only one mode empties', () => {
  it.each([
    ['emacs mode', 'su\u0001\u000B'],
    ['vi mode', 'su\u001Bdd'],
    ['emacs mode by ESC and backspace', 'su\u001B\u007F'],
  ])('%s', (_mode, keys) => {
    expect(typed(keys).isEmpty).toBe(false);
  });

  it('is sent by Ctrl-D in vi mode', () => {
    expect(typed('su\u0004ls').readings).toEqual(['suls', 'ls']);
  });
});

describe('the next line is not known when this one may not have ended', () => {
  it.each([
    ['by a quoted line end', 'ls\u0016', []],
    ['behind ESC, in emacs mode', 'ls\u001B', ['']],
    ['as the argument of an operator, in vi mode', 'ls\u001Bx\u001Bd', ['']],
    ['within a character', Buffer.from('é').subarray(0, 1), []],
  ])('%s', (_how, keys, readings) => {
    const line = typed(keys);
    line.reset();
    expect(line).toMatchObject({ readings, sureInEveryMode: false });
    line.reset();
    expect(line.readings).toEqual(['']);
  });
});

describe('what is not known', () => {
  it.each([
    ['history', '\u001B[A'],
    ['completion', 'l\t'],
    ['a search', '\u0012su'],
    ['what an earlier line killed', '\u0019'],
    ['whether kills joined, which depends on how fast was typed', 'a b\u0017c\u0017\u0019'],
    ['a count', '\u001B3a'],
    ['undoing', 'a\u001F'],
    ['what stands behind Ctrl-X', 'a\u0018\u0015'],
    ['the last argument', '\u001B.'],
    ['Home and End of some terminals', 'a\u001B[1~'],
    ['an edit beside a combining character', 'e\u0301\u007F'],
    ['what is not UTF-8', Buffer.of(0xff)],
    ['a letter whose capital is two', 'ß\u0001\u001Bu'],
  ])('%s', (_what, keys) => {
    expect(typed(keys).sure).toBe(false);
  });

  it.each([
    ['history', 'ls\u001Bk'],
    ['repetition', 'ls\u001Bx.'],
    ['an editor', 'ls\u001Bv'],
    ['completion', 'ls\u001B*'],
    ['what an earlier line searched for', 'ls\u001B;'],
    ['undoing what was inserted', 'ls\u001Ba x\u001Bu'],
    ['words that are not ASCII', 'é a\u001BbX'],
  ])('%s in vi mode', (_what, keys) => {
    expect(typed(keys).sureInEveryMode).toBe(false);
  });
});

describe('in a marked paste', () => {
  it('keys are text, the end mark cut or not', () => {
    const line = typed('\u001B[200~a\u0001\u001B[D\u0017', '\u001B[2', '01~b');
    expect(line).toMatchObject({ readings: ['a\u0001\u001B[D\u0017b'], inPaste: false });
  });

  it('a line end is text', () => {
    const line = typed('\u001B[200~a\u001B[20');
    expect(line.inPaste).toBe(true);
    line.addLineEnd();
    expect(line.readings).toEqual(['a\u001B[20\n']);
  });

  it('the mark itself can be text', () => {
    expect(typed('\u0016\u001B[200~a')).toMatchObject({ readings: ['\u001B[200~a'], inPaste: false });
  });

  it('a line end sends the line of vi mode when it is in command mode', () => {
    const line = typed('su\u001Bb\u001B[200~ls');
    line.addLineEnd();
    line.feed(Buffer.from('\u001B[201~'));
    expect(line.text).toBe('ls\nsu');
  });
});

it('is not followed beyond 70,000 characters', () => {
  expect(typed('x'.repeat(70_000)).sure).toBe(true);
  expect(typed('x'.repeat(70_001)).sure).toBe(false);
});
