import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { IDENTIFICATION_MAX_BYTES, readIdentification } from './identification.ts';

test.each([
  ['SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n', 'OpenSSH_9.2p1 Debian-2'],
  ['SSH-2.0-JSCH-0.1.54\n', 'JSCH-0.1.54'],
  ['SSH-1.99-x\r\n', 'x'],
  [`SSH-2.0-${'a'.repeat(245)}\r\n`, 'a'.repeat(245)],
])('%j is understood', (line, software) => {
  expect(readIdentification(Buffer.from(line))).toEqual({ state: 'complete', software });
});

test.each([
  'GET / HTTP/1.1\r\n',
  'PROXY TCP4 192.0.2.7 192.0.2.8 1 2\r\nSSH-2.0-x\r\n',
  '\r\nSSH-2.0-x\r\n',
  'SSH-1.5-old\r\n',
  'SSH-2.0-\r\n',
  'SSH-2.0- x\r\n',
  'SSH-2.0-a\tb\r\n',
  'SSH-2.0-a\u001b[31m\r\n',
  'SSH-2.0-a\rb\r\n',
  'SSH-2.0-é\r\n',
  `SSH-2.0-${'a'.repeat(246)}\r\n`,
  `SSH-2.0-${'a'.repeat(1_000_000)}`,
])('%j is refused', (line) => {
  expect(readIdentification(Buffer.from(line)).state).toBe('malformed');
});

test('no bytes make it throw, it never waits beyond the longest line, and software is printable', () => {
  const start = fc.constantFrom('', 'SSH-', 'SSH-2.0-').map((text) => Buffer.from(text));
  fc.assert(
    fc.property(start, fc.uint8Array({ maxLength: 300 }), (head, tail) => {
      const bytes = Buffer.concat([head, tail]);
      const reading = readIdentification(bytes);
      expect(reading.state === 'incomplete' && bytes.length >= IDENTIFICATION_MAX_BYTES).toBe(false);
      const software = reading.state === 'complete' ? reading.software : 'x';
      expect(software).toMatch(/^[\x21-\x7e][\x20-\x7e]*$/);
    }),
  );
});
