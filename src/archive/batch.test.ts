import { expect, test } from 'vitest';
import { makeEvent, type EventRecord } from '#contract/event.ts';
import { newId } from '#lib/ids.ts';
import { StoredEntry } from '#stream/stored-entry.ts';
import { toBatch } from './batch.ts';
import { encodeRow, placeRow, splitRow } from './event-row.ts';

const entry = (position: number, event: EventRecord): StoredEntry =>
  new StoredEntry(position, JSON.stringify(event));

test('the bytes of a batch are its rows, of any length and in any script', () => {
  const raws = [
    '',
    'short',
    '命令被拒绝',
    'é'.repeat(700_000),
    'x'.repeat(3 * 2 ** 20),
    '😀'.repeat(400_000),
    'last',
  ];
  const entries = raws.map((raw, index) => entry(10 + 3 * index, makeEvent('tick', newId(), 1, { raw })));
  const batch = toBatch(entries.map(encodeRow));
  expect(batch).toMatchObject({ rows: raws.length, firstPosition: 10, lastPosition: 28 });
  const text = Buffer.concat(batch?.body ?? []).toString();
  expect(text === entries.map((one) => placeRow(encodeRow(one), 10)).join('')).toBe(true);
});

test('many rows fill one piece of memory after the other', () => {
  const event = makeEvent('tick', newId(), 1, { raw: 'y'.repeat(1_000) });
  const entries = Array.from({ length: 5_000 }, (_, index) => entry(index + 1, event));
  const batch = toBatch(entries.map(encodeRow));
  expect(batch?.body.length).toBeGreaterThan(3);
  expect(
    Buffer.concat(batch?.body ?? []).toString() ===
      entries.map((one) => placeRow(encodeRow(one), 1)).join(''),
  ).toBe(true);
  expect(toBatch([])).toBeUndefined();
});

test('a row comes back from its line as it was, also one that had to be made to fit', () => {
  for (const raw of ['{"batch":1,"position":2,', 'C:\\udev']) {
    const row = encodeRow(entry(7, makeEvent('tick', newId(), 1, { raw, data: { a: 1 } })));
    expect(splitRow(placeRow(row, 5).trimEnd())).toEqual(row);
  }
  expect(splitRow('')).toBeUndefined();
});
