import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { isUnauthenticated } from '#domain/detection/field-names.ts';
import { explainLine } from '#domain/normalise/explain-line.ts';
import { createNormaliser } from '#domain/normalise/normaliser.ts';
import { writtenLine } from '#domain/syslog/written-line.ts';
import { createReader, originOf, RECEIVED_AT_MS, SHIPPED } from './shipped-types.ts';

const app = fc.constantFrom('jumpserver', 'sshd', 'sshd-session', 'sudo', 'su', 'koko', 'app', '');
const words = fc.constantFrom(
  'login_log - ',
  'session_command_log - ',
  'host_session_log - ',
  '{"id": "1", "status": ',
  'true',
  'false',
  '}',
  '{',
  '"',
  ' ',
  ': ',
  '"username": "root"',
  ', ',
  '"risk_level": ',
  '{"value": 5}',
  'null',
  '[',
  ']',
  'Failed ',
  'Accepted ',
  'password ',
  'for ',
  'invalid user ',
  'alice',
  ' from ',
  '192.0.2.1',
  ' port ',
  '22',
  ' ssh2',
  'message repeated 9 times: [ ',
  'TTY=x ; ',
  'PWD=/ ; ',
  'USER=root ; ',
  'COMMAND=',
  '\u0000',
  '\uD800',
  '🙂',
  '\\',
  '(',
  ')',
  '__proto__',
  '#012',
  '1e999',
  '-',
);
const line = fc.oneof(
  fc.tuple(app, fc.array(words, { maxLength: 25 })).map(([name, parts]) => `<14>${name}: ${parts.join('')}`),
  fc
    .tuple(app, fc.array(words, { maxLength: 25 }))
    .map(([name, parts]) => `<14>1 2024-10-01T16:00:00Z host ${name || '-'} - - - ${parts.join('')}`),
  fc
    .tuple(app, fc.array(words, { maxLength: 25 }))
    .map(([name, parts]) => `<14>Oct  1 16:00:00 host ${name}[1]: ${parts.join('')}`),
  fc.string({ unit: 'binary', maxLength: 200 }),
);

test('every line becomes events that hold it, and who was not authenticated is nobody in them', () => {
  fc.assert(
    fc.property(line, (text) => {
      const events = createReader('hostile')(text);
      expect(events.length).toBeGreaterThan(0);
      expect(events.length).toBeLessThanOrEqual(100);
      for (const event of events) {
        expect(event).toMatchObject({ raw: text, source: 'hostile', realm: 'hostile', seen: RECEIVED_AT_MS });
        expect(Number.isSafeInteger(event.time)).toBe(true);
        const names = [event.user, event.actor, event.account].filter((name) => name !== undefined);
        expect(isUnauthenticated(event.type) ? names : []).toEqual([]);
      }
    }),
    { numRuns: 3_000 },
  );
});

test('what is explained is what happens', () => {
  fc.assert(
    fc.property(line, (text) => {
      const plain = createNormaliser({ types: () => SHIPPED, newId: () => 'id' });
      const read = writtenLine(text, RECEIVED_AT_MS);
      const drop = (events: ReturnType<typeof plain>): unknown => events.map(({ id: _id, ...rest }) => rest);
      const explained = explainLine(SHIPPED, read, originOf('hostile'));
      expect(drop(explained.result)).toEqual(drop(plain(read, originOf('hostile'))));
    }),
    { numRuns: 1_000 },
  );
});

test('lines of a megabyte are read and their events stay whole', () => {
  const read = createReader('hostile');
  const long = 'x'.repeat(1_000_000);
  for (const text of [
    `<14>jumpserver: session_command_log - {"id": "1", "input": "${long}", "risk_level": 5, "user": "A(a)"}`,
    `<14>jumpserver: session_command_log - ${'{"a":'.repeat(200_000)}`,
    `<38>Oct  1 16:00:00 web01 sshd[1]: Failed password for ${' from '.repeat(150_000)}`,
    `<38>Oct  1 16:00:00 web01 sudo:  a : TTY=x ; PWD=${' ; USER=a'.repeat(100_000)}`,
    `<14>app: ${'{'.repeat(1_000_000)}`,
  ])
    expect(read(text)).toHaveLength(1);
});

test('one line never makes more than a hundred events', () => {
  const text =
    '<38>Oct  1 16:00:00 web01 sshd[1]: message repeated 999999999 times: [ Failed password for root from 192.0.2.7 port 41000 ssh2]';
  expect(createReader('hostile')(text)).toHaveLength(100);
});

test('a name that is longer than any name names nobody', () => {
  const text = `<14>jumpserver: session_command_log - {"id": "1", "input": "su", "risk_level": 5, "user": "${'a'.repeat(300)}"}`;
  const [event] = createReader('hostile')(text);
  expect(event).toMatchObject({ type: 'command.denied', command: 'su' });
  expect(event?.user).toBeUndefined();
});
