import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { openLineFile } from './line-file.ts';

async function readAll(bytes: Uint8Array, maxBytes = 64): Promise<{ lines: string[]; cut: number }> {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'portcullis-lines-'));
  const path = join(folder.path, 'log');
  await writeFile(path, bytes);
  const file = await openLineFile(path, maxBytes);
  const lines: string[] = [];
  for await (const some of file) lines.push(...some);
  return { lines, cut: file.cutLines() };
}

test('lines end with LF, CR LF or NUL; the last one may end with nothing', async () => {
  expect(await readAll(Buffer.from('a\nb\r\nc\0\n\nd'))).toEqual({
    lines: ['a', 'b', 'c', '', '', 'd'],
    cut: 0,
  });
});

test.each([
  ['gzip', gzipSync],
  ['zstd', zstdCompressSync],
])('%s is unpacked, whatever the file is called', async (_name, pack) => {
  const text = Array.from({ length: 50_000 }, (_, index) => `line ${index}`);
  expect((await readAll(pack(Buffer.from(text.join('\n'))))).lines).toEqual(text);
});

test('a packed file that is cut off is told, not taken for whole', async () => {
  const packed = gzipSync(Buffer.from('x'.repeat(100_000).replaceAll('x', () => `${Math.random()}\n`)));
  await expect(readAll(packed.subarray(0, packed.length - 100))).rejects.toMatchObject({ code: 'E_INPUT' });
});

test('of a line that is too long the head is kept and counted, and the next one is in step', async () => {
  const long = 'x'.repeat(1_000_000);
  expect(await readAll(Buffer.from(`${long}\nnext\n`))).toEqual({ lines: ['x'.repeat(64), 'next'], cut: 1 });
});

test('whatever lines there are come back as they were', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.string({ maxLength: 20 }).map((one) => one.replaceAll(/[\0\r\n]/g, ''))),
      async (lines) => {
        const { lines: read } = await readAll(Buffer.from(lines.map((line) => `${line}\n`).join('')), 200);
        expect(read).toEqual(lines);
      },
    ),
    { numRuns: 50 },
  );
});

test('a file that is not there is said to be unreadable', async () => {
  await expect(openLineFile('/nonexistent/log', 64)).rejects.toMatchObject({ code: 'E_INPUT' });
});
