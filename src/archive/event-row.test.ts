import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { EventRecord } from '#contract/event.ts';
import { makeEvent } from '#contract/event.ts';
import { newId } from '#lib/ids.ts';
import { decodeRow, encodeRow, type EventRow, INSERT_COLUMNS, placeRow } from './event-row.ts';

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

/** What the engine gives back for a line: every column, and objects as text. */
function throughEngine(line: string): EventRow {
  const values = JSON.parse(line) as Readonly<Record<string, unknown>>;
  for (const name of Object.keys(values)) expect(INSERT_COLUMNS).toContain(name);
  const row = Object.fromEntries(
    INSERT_COLUMNS.map((name) => {
      const value = values[name] ?? (name === 'port' ? 0 : '');
      return [name, typeof value === 'object' ? JSON.stringify(value) : value];
    }),
  );
  return row as unknown as EventRow;
}

function encode(event: EventRecord, position: number): string {
  return placeRow(encodeRow({ position, event, json: JSON.stringify(event) }), position);
}

test('an event survives the way into a row and back', () => {
  fc.assert(
    fc.property(fields, fc.nat(), (some, position) => {
      const event = makeEvent('command.denied', newId(), 1_790_000_000_000, some);
      const line = encode(event, position);
      expect(line.indexOf('\n')).toBe(line.length - 1);
      expect(decodeRow(throughEngine(line))).toEqual(event);
    }),
  );
});

test('whatever an event holds, its row has numbers that are whole and text that is well-formed', () => {
  const hostile = fc.record({
    id: fc.oneof(fc.string({ unit: 'binary' }), fc.uuid()),
    time: fc.oneof(fc.double(), fc.nat()),
    seen: fc.oneof(fc.double(), fc.nat()),
    port: fc.oneof(fc.double(), fc.nat()),
    user: fc.string({ unit: 'binary' }),
    raw: fc.string({ unit: 'binary' }),
  });
  fc.assert(
    fc.property(hostile, (some) => {
      const event: EventRecord = { ...makeEvent('tick', '', 0, {}), ...some };
      const row = throughEngine(encode(event, 1));
      expect(row.id).toMatch(/^[0-9a-f-]{36}$/i);
      for (const value of [row.time, row.seen, row.port]) expect(Number.isSafeInteger(value)).toBe(true);
      for (const value of Object.values(row)) expect(String(value).isWellFormed()).toBe(true);
    }),
  );
});
