import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PROXY_HEADER_MAX_BYTES, readProxyHeader } from './proxy-protocol.ts';

const SIGNATURE = Buffer.from('0d0a0d0a000d0a515549540a', 'hex');

function v2(options: {
  version?: number;
  command?: number;
  family?: number;
  body?: Buffer;
  length?: number;
}): Buffer {
  const { version = 2, command = 1, family = 0x11, body = Buffer.alloc(12) } = options;
  const fixed = Buffer.alloc(4);
  fixed.writeUInt8((version << 4) | command, 0);
  fixed.writeUInt8(family, 1);
  fixed.writeUInt16BE(options.length ?? body.length, 2);
  return Buffer.concat([SIGNATURE, fixed, body]);
}

const client = (address: string, port: number, length: number) => ({
  state: 'complete',
  header: { kind: 'client', address, port },
  length,
});

describe('version 1', () => {
  test.each([
    ['PROXY TCP4 192.0.2.7 198.51.100.1 56324 2222\r\n', client('192.0.2.7', 56_324, 46)],
    ['PROXY TCP6 2001:DB8:0:0::1 2001:db8::2 1 65535\r\n', client('2001:db8::1', 1, 48)],
    ['PROXY TCP6 ::ffff:192.0.2.7 2001:db8::2 1 2\r\n', client('192.0.2.7', 1, 45)],
    ['PROXY UNKNOWN\r\n', { state: 'complete', header: { kind: 'local' }, length: 15 }],
    ['PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n', { state: 'complete', header: { kind: 'local' }, length: 35 }],
  ])('%j', (line, expected) => {
    expect(readProxyHeader(Buffer.from(`${line}SSH-2.0-x\r\n`))).toEqual(expected);
  });

  test.each([
    'PROXY TCP4 192.0.2.7 198.51.100.1 56324 65536\r\n',
    'PROXY TCP4 192.0.2.7 198.51.100.1 056 2222\r\n',
    'PROXY TCP4 192.0.2.256 198.51.100.1 56324 2222\r\n',
    'PROXY TCP4 192.0.2.7 2001:db8::1 56324 2222\r\n',
    'PROXY TCP4 2001:db8::1 2001:db8::2 56324 2222\r\n',
    'PROXY TCP6 192.0.2.7 192.0.2.8 56324 2222\r\n',
    'PROXY TCP4 192.0.2.7 198.51.100.1 56324\r\n',
    'PROXY TCP4  192.0.2.7 198.51.100.1 56324 2222\r\n',
    'PROXY TCP4 192.0.2.7 198.51.100.1 56324 2222 \r\n',
    'PROXY TCP5 192.0.2.7 198.51.100.1 56324 2222\r\n',
    'PROXY \r\n',
    'SSH-2.0-OpenSSH_9.2\r\n',
    'proxy TCP4 192.0.2.7 198.51.100.1 56324 2222\r\n',
    `PROXY UNKNOWN ${'a'.repeat(200)}\r\n`,
    `PROXY ${'a'.repeat(200)}`,
  ])('%j is refused', (line) => {
    expect(readProxyHeader(Buffer.from(line)).state).toBe('malformed');
  });
});

describe('version 2', () => {
  test('addresses of both families, with extensions behind them', () => {
    const body4 = Buffer.from('c0000207c6336401dc0408ae03000400000000', 'hex');
    expect(readProxyHeader(v2({ body: body4 }))).toEqual(client('192.0.2.7', 56_324, 35));
    const body6 = Buffer.concat([
      Buffer.from('20010db8', 'hex'),
      Buffer.alloc(28),
      Buffer.from('dc0408ae', 'hex'),
    ]);
    expect(readProxyHeader(v2({ body: body6, family: 0x21 }))).toEqual(client('2001:db8::', 56_324, 52));
    const mapped = Buffer.concat([
      Buffer.from('00000000000000000000ffffc0000207', 'hex'),
      Buffer.alloc(16),
      Buffer.from('dc0408ae', 'hex'),
    ]);
    expect(readProxyHeader(v2({ body: mapped, family: 0x21 }))).toEqual(client('192.0.2.7', 56_324, 52));
  });

  test('a connection of the proxy’s own, whatever stands in the rest', () => {
    const header = v2({ command: 0, family: 0, body: Buffer.alloc(3) });
    expect(readProxyHeader(header)).toEqual({ state: 'complete', header: { kind: 'local' }, length: 19 });
  });

  test.each([
    ['version 1', v2({ version: 1 })],
    ['version 3', v2({ version: 3 })],
    ['an unknown command', v2({ command: 2 })],
    ['UDP', v2({ family: 0x12 })],
    ['a Unix socket', v2({ family: 0x31, body: Buffer.alloc(216) })],
    ['no family', v2({ family: 0 })],
    ['addresses cut short', v2({ body: Buffer.alloc(11) })],
    ['an IPv4 body for IPv6', v2({ family: 0x21, body: Buffer.alloc(12) })],
    ['a length nobody needs', v2({ length: 65_535 })],
  ])('%s is refused', (_what, bytes) => {
    expect(readProxyHeader(bytes).state).toBe('malformed');
  });
});

test('a header that is written is read back, from any prefix it waits, and what follows is left alone', () => {
  const octet = fc.nat(255);
  const port = fc.nat(65_535);
  fc.assert(
    fc.property(
      fc.tuple(octet, octet, octet, octet),
      port,
      fc.boolean(),
      fc.uint8Array(),
      (bytes, number, asText, rest) => {
        const address = bytes.join('.');
        const binary = Buffer.alloc(12);
        binary.set(bytes, 0);
        binary.writeUInt16BE(number, 8);
        const header = asText
          ? Buffer.from(`PROXY TCP4 ${address} 10.0.0.1 ${number} 22\r\n`)
          : v2({ body: binary });
        expect(readProxyHeader(Buffer.concat([header, rest]))).toEqual(
          client(address, number, header.length),
        );
        for (let length = 0; length < header.length; length += 1) {
          expect(readProxyHeader(header.subarray(0, length)).state).toBe('incomplete');
        }
      },
    ),
  );
});

test('no bytes make it throw, wait for ever, or take more than is there', () => {
  const start = fc.constantFrom(Buffer.from('PROXY '), SIGNATURE, Buffer.alloc(0));
  const rest = fc.uint8Array({ maxLength: PROXY_HEADER_MAX_BYTES + 10 });
  fc.assert(
    fc.property(start, rest, (head, tail) => {
      const bytes = Buffer.concat([head, tail]);
      const reading = readProxyHeader(bytes);
      expect(reading.state === 'incomplete' && bytes.length >= PROXY_HEADER_MAX_BYTES).toBe(false);
      expect(reading.state === 'complete' && reading.length > bytes.length).toBe(false);
    }),
  );
});
