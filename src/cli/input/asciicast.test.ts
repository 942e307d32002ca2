import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { readAsciicast } from './asciicast.ts';

async function frames(lines: readonly string[]): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const { kind, atMs, data } of readAsciicast(Readable.from([lines.join('\n')])))
    found.push(`${kind} ${atMs} ${data.toString('utf8')}`);
  return found;
}

test('events become frames, in whatever pieces they come', async () => {
  const lines = [
    '{"version":2}',
    '[0.5,"o","hé\\u0000"]',
    '[1.25,"i","x"]',
    '[2,"r","80x24"]',
    '[3,"m","note"]',
    '[4,"?","new"]',
    '',
  ];
  expect(await frames(lines)).toEqual([
    'output 500 hé\u0000',
    'input 1250 x',
    'resize 2000 80x24',
    'mark 3000 note',
  ]);
});

test.each(['nonsense', '[1,"o"]', '{"a":1}'])('%s is not taken for an event', async (line) => {
  await expect(frames(['{"version":2}', line])).rejects.toMatchObject({ code: 'E_INPUT' });
});
