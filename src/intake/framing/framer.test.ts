import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readDatagram } from './datagram.ts';
import { Framer, type Framing } from './framer.ts';

interface Seen {
  readonly text: string;
  readonly size: number | null;
}

function frames(pieces: readonly Buffer[], framing: Framing = 'auto', maxBytes = 64): readonly Seen[] {
  const seen: Seen[] = [];
  const framer = new Framer(framing, maxBytes, ({ bytes, untruncatedSize }) => {
    seen.push({ text: bytes.toString('latin1'), size: untruncatedSize });
  });
  for (const piece of pieces) framer.push(piece);
  framer.end();
  return seen;
}

function texts(stream: string, framing: Framing = 'auto', maxBytes = 64): readonly string[] {
  return frames([Buffer.from(stream, 'latin1')], framing, maxBytes).map(({ text }) => text);
}

function split(bytes: Buffer, places: readonly number[]): readonly Buffer[] {
  const cuts = [0, ...places.map((place) => place % (bytes.length + 1)), bytes.length].toSorted(
    (a, b) => a - b,
  );
  // Copies, so that nothing outlives the piece it came in.
  return cuts.slice(1).map((cut, index) => Buffer.from(bytes.subarray(cuts[index], cut)));
}

const counted = (text: string): string => `${text.length} ${text}`;

describe('what ends a frame', () => {
  test.each([
    ['LF', '<1>a\n<2>b\n', ['<1>a', '<2>b']],
    ['CR LF', '<1>a\r\n<2>b\r\n', ['<1>a', '<2>b']],
    ['NUL', '<1>a\0<2>b\0', ['<1>a', '<2>b']],
    ['NUL, with lines inside from the second on', '<1>a\0<2>b\nc\0', ['<1>a', '<2>b\nc']],
    ['a line end and a NUL', '<1>a\n\0<2>b\nc\n\0', ['<1>a', '<2>b\nc']],
    ['a count', '4 <1>a5 <2>b\n4 <3>c', ['<1>a', '<2>b', '<3>c']],
    ['a count, with lines inside', `${counted('<1>a\nb')}${counted('<2>c')}`, ['<1>a\nb', '<2>c']],
    ['a count that leaves out the line end', '4 <1>a\n4 <2>b\n', ['<1>a', '<2>b']],
    ['counts and lines on one connection', `4 <1>a<2>b\n4 <3>c\n<4>d\n`, ['<1>a', '<2>b', '<3>c', '<4>d']],
    [
      'digits that are no count',
      '404 not found\n7\n12 <b>bold\n20261125 <1>x\n',
      ['404 not found', '7', '12 <b>bold', '20261125 <1>x'],
    ],
    ['the end of the connection', '<1>a\n<2>b', ['<1>a', '<2>b']],
    ['empty lines', '\n\n<1>a\n\r\n\n', ['<1>a']],
  ])('%s', (_name, stream, expected) => {
    expect(texts(stream)).toEqual(expected);
  });

  test('a listener may know: then nothing else ends a frame', () => {
    expect(texts('5 <1>ab\0c\nd\n', 'lf')).toEqual(['5 <1>ab\0c', 'd']);
    expect(texts('5 <1>ab\nc\0d\0', 'nul')).toEqual(['5 <1>ab\nc', 'd']);
    expect(texts('noise4 <1>a4 <2>b', 'counted')).toEqual(['noise', '<1>a', '<2>b']);
  });

  test('a count that is too small splices nothing, and the next frame is in step', () => {
    expect(texts('4 <1>ax4 <2>b4 <3>c')).toEqual(['<1>a', 'x', '<2>b', '<3>c']);
  });

  test('a counted frame that the end cuts says so', () => {
    expect(frames([Buffer.from('10 <1>a')])).toEqual([{ text: '<1>a', size: 10 }]);
  });
});

describe('over-long frames', () => {
  test.each([
    ['lines', `<1>${'a'.repeat(100)}\n<2>b\n`],
    ['NUL', `<1>${'a'.repeat(100)}\0<2>b\0`],
    ['counts', `103 <1>${'a'.repeat(100)}4 <2>b`],
  ])('%s: the head is kept, the size told, the next in step', (_name, stream) => {
    expect(frames([Buffer.from(stream)])).toEqual([
      { text: `<1>${'a'.repeat(61)}`, size: 103 },
      { text: '<2>b', size: null },
    ]);
  });

  test('exactly the limit is not over it', () => {
    expect(frames([Buffer.from(`${'a'.repeat(64)}\n${'b'.repeat(65)}\n`)])).toEqual([
      { text: 'a'.repeat(64), size: null },
      { text: 'b'.repeat(64), size: 65 },
    ]);
  });
});

const hostileBytes = fc.array(
  fc.oneof(
    fc.constantFrom(
      '\n',
      '\r',
      '\0',
      '<',
      '>',
      ' ',
      '1',
      '0',
      '7',
      '12 <3',
      '<13>',
      'a',
      '9 <1>',
      '999 <1>x',
    ),
    fc.string({ maxLength: 4 }),
  ),
  { maxLength: 60 },
);

test.each(['auto', 'lf', 'nul', 'counted'] as const)(
  'any split of the bytes gives the same frames, hostile or not (%s)',
  (framing) => {
    fc.assert(
      fc.property(hostileBytes, fc.array(fc.nat(), { maxLength: 30 }), (parts, places) => {
        const bytes = Buffer.from(parts.join(''));
        const whole = frames([bytes], framing, 16);
        const single = split(bytes, Array.from(bytes.keys()));
        expect(frames(split(bytes, places), framing, 16)).toEqual(whole);
        expect(frames(single, framing, 16)).toEqual(whole);
        for (const { text, size } of whole) {
          expect(text.length).toBeLessThanOrEqual(16);
          expect(size ?? Infinity).toBeGreaterThan(text.length);
        }
      }),
      { numRuns: 1500 },
    );
  },
);

test('what senders frame in turn by counts and line ends comes out as it went in', () => {
  const message = fc.string({ unit: fc.constantFrom('a', 'b', ' ', '1', '<', '>'), maxLength: 20 });
  fc.assert(
    fc.property(fc.array(fc.tuple(message, fc.boolean())), fc.array(fc.nat()), (messages, places) => {
      const sent = messages.map(([text, isCounted]) => ({ text: `<13>${text}`, isCounted }));
      const stream = sent.map(({ text, isCounted }) => (isCounted ? counted(text) : `${text}\n`)).join('');
      const got = frames(split(Buffer.from(stream), places));
      expect(got).toEqual(sent.map(({ text }) => ({ text, size: null })));
    }),
  );
});

describe('datagrams', () => {
  const read = (text: string, maxBytes = 64): Seen | undefined => {
    const frame = readDatagram(Buffer.from(text), maxBytes);
    return frame && { text: frame.bytes.toString(), size: frame.untruncatedSize };
  };

  test.each([
    ['<1>a', '<1>a'],
    ['<1>a\n\0', '<1>a'],
    ['<1>a\nb', '<1>a\nb'],
    ['4 <1>a', '<1>a'],
    ['5 <1>a', '<1>a'],
    ['9 <1>a', '9 <1>a'],
    ['9 lives', '9 lives'],
  ])('%j', (sent, expected) => {
    expect(read(sent)).toEqual({ text: expected, size: null });
  });

  test('nothing is nothing, and too much is cut with its size', () => {
    expect(read('\n\0')).toBeUndefined();
    expect(read('abcdef', 4)).toEqual({ text: 'abcd', size: 6 });
  });
});
