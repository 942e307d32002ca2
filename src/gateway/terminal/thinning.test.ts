import { describe, expect, it } from 'vitest';
import { thinSpan } from './thinning.ts';

const ROWS = 5;

function lines(count: number, line = 'x'): string {
  return `${line}\r\n`.repeat(count);
}

/** What is left of the span. */
function thinned(span: string): string | undefined {
  const bytes = Buffer.from(span);
  const result = thinSpan(bytes, ROWS);
  return result && result.prefix.toString() + bytes.subarray(result.tailStart).toString();
}

/** Scrolls everything off. */
const FRESH = `\r${'\n'.repeat(ROWS)}\r`;

describe('of a span', () => {
  it('a screenful of lines and two more are left', () => {
    expect(thinned(`${lines(100)}$ ls`)).toBe(`${FRESH}${lines(ROWS + 2)}$ ls`);
  });

  it('more is left where lines end without a carriage return', () => {
    const tail = `${'x\n'.repeat(50)}$ `;
    expect(thinned(lines(100) + tail)).toBe(FRESH + tail);
  });

  it.each([
    ['no line ends', 'x'.repeat(1_000)],
    ['no carriage returns', 'x\n'.repeat(1_000)],
    ['too few lines', lines(ROWS + 2, 'x'.repeat(100))],
    // The cursor may stand above, and be led over what stands below it.
    ['a head that does not scroll', `${'x'.repeat(1_000)}\r\n${lines(ROWS + 2)}`],
    ['nothing to gain', `${'\n'.repeat(ROWS - 1)}\r\n${lines(ROWS + 2)}`],
  ])('everything is left that has %s', (_, span) => {
    expect(thinned(span)).toBeUndefined();
  });
});

describe('colours and attributes set in what is left out', () => {
  function setBefore(head: string): string | undefined {
    return thinned(`${lines(50)}${head}${lines(ROWS + 3)}`)?.slice(FRESH.length, -(ROWS + 2) * 3);
  }

  it.each([
    ['stay set', '\u001B[1m\u001B[31m', '\u001B[1m\u001B[31m'],
    ['are void behind a reset', '\u001B[1m\u001B[m\u001B[31m', '\u001B[m\u001B[31m'],
    ['are void behind a reset with zeros', '\u001B[1m\u001B[00m', '\u001B[00m'],
    ['are void behind a reset at the begin of a sequence', '\u001B[1m\u001B[;31m', '\u001B[;31m'],
    ['are not void behind a reset at the end of one', '\u001B[1m\u001B[3;0m', '\u001B[1m\u001B[3;0m'],
    ['count once where they are repeated', '\u001B[1m\u001B[22m\u001B[1m', '\u001B[22m\u001B[1m'],
    ['give way to the last colour', '\u001B[31m\u001B[1m\u001B[38;2;1;2;3m', '\u001B[1m\u001B[38;2;1;2;3m'],
    ['keep text and ground apart', '\u001B[31m\u001B[44m\u001B[39m', '\u001B[44m\u001B[39m'],
  ])('%s', (_, head, expected) => {
    expect(setBefore(head)).toBe(expected);
  });

  it('are few, or nothing is left out', () => {
    const many = Array.from({ length: 300 }, (_, value) => `\u001B[4;58;5;${value}m`).join('');
    expect(thinned(many + lines(100))).toBeUndefined();
  });

  it('are not repeated behind the cut', () => {
    expect(thinned(`${lines(50)}${lines(ROWS + 2)}\u001B[31m$ `)).toBe(
      `${FRESH}${lines(ROWS + 2)}\u001B[31m$ `,
    );
  });
});
