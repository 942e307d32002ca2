import { expect, test } from 'vitest';
import { createNormaliser } from '#domain/normalise/normaliser.ts';
import { writtenLine } from '#domain/syslog/written-line.ts';
import { originOf, RECEIVED_AT_MS, SHIPPED } from './shipped-types.ts';

/** As after a restart: nothing is remembered. */
function idOf(text: string, receivedAtMs = RECEIVED_AT_MS): string | undefined {
  const normalise = createNormaliser({ types: () => SHIPPED, newId: () => 'fresh' });
  const [event] = normalise(writtenLine(text, receivedAtMs), originOf('jumpserver-1'));
  return event?.id;
}

const session = (more: string): string =>
  `<14>jumpserver: host_session_log - {"id": "s1", "user": "A(a)", "date_start": "2024/10/01 16:00:00 +0800", ${more}}`;
const command = (id: string, timestamp: number): string =>
  `<14>jumpserver: session_command_log - {"id": "${id}", "timestamp": ${timestamp}, "risk_level": 0, "input": "ls", "user": "A(a)"}`;

test('a record that is saved again, whenever and with whatever new in it, has the id that it had', () => {
  const ended = session('"is_finished": true, "is_success": true, "date_end": "2024/10/01 16:10:00 +0800"');
  const endedLater = session(
    '"is_finished": true, "is_success": true, "date_end": "2024/10/01 16:11:00 +0800"',
  );
  expect(idOf(ended)).toBe(idOf(endedLater, RECEIVED_AT_MS + 3_600_000));
  expect(idOf(session('"is_finished": false'))).not.toBe(idOf(ended));
});

test('of lines with one key the first becomes an event, also when they tell of different moments', () => {
  const normalise = createNormaliser({ types: () => SHIPPED, newId: () => 'fresh' });
  const events = (text: string): number =>
    normalise(writtenLine(text, RECEIVED_AT_MS), originOf('jumpserver-1')).length;
  const timeless = command('a', 0).replace('"timestamp": 0, ', '');
  expect([command('a', 1_727_769_600), command('a', 1_727_769_601), timeless].map(events)).toEqual([1, 0, 0]);
  expect(events(command('b', 1_727_769_600))).toBe(1);
});

test('ids of records grow with the moment at which they were made, and one without a moment has an id all the same', () => {
  const [first = '', second = ''] = [idOf(command('z', 1_727_769_600)), idOf(command('a', 1_727_769_601))];
  expect(first < second).toBe(true);
  const timeless = command('c', 0).replace('"timestamp": 0, ', '');
  expect(idOf(timeless)).toMatch(/^[0-9a-f]{8}-/);
  expect(idOf(timeless)).toBe(idOf(timeless, RECEIVED_AT_MS + 1));
});
