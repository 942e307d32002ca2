import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { EventRecord } from '#contract/event.ts';
import { makeEvent } from '#contract/event.ts';
import { newId } from '#lib/ids.ts';
import { decodeRow, encodeRow, type EventRow, INSERT_COLUMNS } from './event-row.ts';

const word = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 });
const fields = fc.record(
  {
    user: word,
    actor: word,
    address: word,
    port: fc.integer({ min: 1, max: 65_535 }),
    asset: word,
    account: word,
    session: word,
    channel: word,
    command: word,
    offense: word,
    message: word,
    raw: word,
  },
  { requiredKeys: [] },
);

/** What the engine gives back for a line: an object with every column. */
function throughEngine(line: string): EventRow {
  const values = JSON.parse(line) as readonly unknown[];
  expect(values).toHaveLength(INSERT_COLUMNS.length);
  const row = Object.fromEntries(INSERT_COLUMNS.map((name, index) => [name, values[index]]));
  return row as unknown as EventRow;
}

test('an event survives the way into a row and back', () => {
  fc.assert(
    fc.property(fields, fc.nat(), (some, position) => {
      const event = makeEvent('command.denied', newId(), 1_790_000_000_000, some);
      const line = encodeRow({ position, event }, position);
      expect(line.indexOf('\n')).toBe(line.length - 1);
      expect(decodeRow(throughEngine(line))).toEqual(event);
    }),
  );
});

test('whatever an event holds, its row has numbers that are whole and text that is well-formed', () => {
  const hostile = fc.record({
    id: fc.string({ unit: 'binary' }),
    time: fc.double(),
    seen: fc.double(),
    port: fc.double(),
    user: fc.string({ unit: 'binary' }),
    raw: fc.string({ unit: 'binary' }),
  });
  fc.assert(
    fc.property(hostile, (some) => {
      const event: EventRecord = { ...makeEvent('tick', '', 0, {}), ...some };
      const row = throughEngine(encodeRow({ position: 1, event }, 1));
      expect(row.id).toMatch(/^[0-9a-f-]{36}$/i);
      for (const value of [row.time, row.seen, row.port]) expect(Number.isSafeInteger(value)).toBe(true);
      for (const value of Object.values(row)) expect(String(value).isWellFormed()).toBe(true);
    }),
  );
});
