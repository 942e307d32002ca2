import { describe, expect, it } from 'vitest';
import { OutputScanner } from './output-scanner.ts';

/** Barriers found when the text comes in these pieces, each as characters for bytes. */
function barriers(...pieces: readonly string[]): string[] {
  const scanner = new OutputScanner();
  const found: string[] = [];
  for (const piece of pieces) scanner.scan(Buffer.from(piece, 'latin1'), () => found.push(scanner.barrier));
  return found;
}

function pendingAfter(text: string): number {
  const scanner = new OutputScanner();
  scanner.scan(Buffer.from(text, 'latin1'), () => undefined);
  return scanner.pending;
}

describe('line-local output has no barrier', () => {
  it.each([
    'plain text\r\nand\ttabs\b\b\r',
    '\u0000\u0007\u007F',
    '\u001B[31m\u001B[0m\u001B[m\u001B[38;5;1m\u001B[4:3m',
    '\u001B[K\u001B[1K\u001B[5C\u001B[3D\u001B[10G\u001B[2P\u001B[3X\u001B[4@',
    Buffer.from('目录 naïve « » 🎉').toString('latin1'),
    '\u00C2\u00A0',
    '\u00FF\u0090\u009B stray bytes',
  ])('%j', (text) => {
    expect(barriers(text)).toEqual([]);
    expect(barriers(...text.split(''))).toEqual([]);
  });
});

describe('a barrier is', () => {
  it.each([
    '\u000B',
    '\u000E',
    '\u001Bc',
    '\u001BM',
    '\u001B(0',
    '\u001B[H',
    '\u001B[2J',
    '\u001B[?25l',
    '\u001B[>c',
    '\u001B[!p',
    '\u001B[?K',
    '\u001B[ @',
    '\u001B[3\r\n1m',
    '\u001B[31\u0018',
    '\u001B]0;title\u0007',
    '\u00C2\u0085',
    '\u00C2\u009B2J',
    '\u00C2\u009D0;title\u00C2\u009C',
  ])('%j', (barrier) => {
    expect(barriers(`text${barrier}text`)).toEqual([barrier]);
    expect(barriers('text', ...barrier.split(''), 'text')).toEqual([barrier]);
  });
});

describe('a string', () => {
  it.each(['\u001B]0;', '\u001BP1;2|', '\u001B_', '\u001B^', '\u001BX'])(
    'begun by %j hides lines until it is ended',
    (begin) => {
      expect(barriers(`${begin}a\r\nb\u001B\\c`)).toEqual([`${begin}a\r\nb`, '\u001B\\']);
      expect(pendingAfter(`text${begin}a\r\nb`)).toBe(begin.length + 4);
    },
  );

  it('in UTF-8 ends where it ends', () => {
    const title = Buffer.from('\u001B]0;目录\u0007').toString('latin1');
    expect(barriers(`${title}x`)).toEqual([title]);
  });

  it('is ended by a sequence that would be line-local elsewhere', () => {
    expect(barriers('\u001B]0;title\u001B[31mtext\u001B[32m')).toEqual(['\u001B]0;title', '\u001B[31m']);
  });
});

describe('what the emulator resolves in its own way', () => {
  const lost = '\u001B[31\u00C3\u00A9 1\r\n2\u0007';

  it('is a barrier up to the next sequence, and that with it', () => {
    expect(barriers(`${lost}\u001B[32mtext\u001B[33m`)).toEqual([lost, '\u001B[32m']);
  });

  it('stays one over pieces', () => {
    expect(barriers(lost, 'a\r\n', '\u001B[Htext')).toEqual([lost, 'a\r\n', '', '\u001B[H']);
  });
});

it.each([
  ['\u001B[31\u00C3\u00A9 text', false],
  ['\u001B[31\u00C3\u00A9\u00C2\u00AB text', false],
  ['\u001B[31\u00C3\u00A9\u00C2\u009B?6h text', true],
  ['\u001B]0;\u00C2\u009B?6h text', true],
])('says of %j whether it may hide a sequence', (text, isDoubtful) => {
  for (const pieces of [[text], text.split('')]) {
    const scanner = new OutputScanner();
    const told: boolean[] = [];
    for (const piece of pieces)
      scanner.scan(Buffer.from(piece, 'latin1'), () => told.push(scanner.isLost && scanner.isDoubtful));
    expect(told.at(-1)).toBe(isDoubtful);
  }
});

it('lets the rest of a sequence pass of which the emulator has the begin', () => {
  const scanner = new OutputScanner();
  const found: [number, number][] = [];
  scanner.scan(Buffer.from('text\u001B[3'), (start, end) => found.push([start, end]));
  expect(scanner.pending).toBe(3);
  scanner.cut();
  scanner.scan(Buffer.from('1mtext\u001B[32m'), (start, end) => found.push([start, end]));
  expect(found).toEqual([[-3, 2]]);
});

it('does not grow with the length of a string', () => {
  const scanner = new OutputScanner();
  let barrier = '';
  scanner.scan(Buffer.from('\u001B]0;'), () => undefined);
  for (let count = 0; count < 10; count += 1) scanner.scan(Buffer.alloc(10_000, 'x'), () => undefined);
  scanner.scan(Buffer.from('\u0007'), () => {
    ({ barrier } = scanner);
  });
  expect(barrier.length).toBeLessThan(300);
});
