import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MessageGate } from './message-gate.ts';

const string = (text: string): Buffer => {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(Buffer.byteLength(text));
  return Buffer.concat([length, Buffer.from(text)]);
};
const SERVICE = Buffer.concat([Buffer.of(5), string('ssh-userauth')]);
const request = (user: string, method = 'none', service = 'ssh-connection'): Buffer =>
  Buffer.concat([Buffer.of(50), string(user), string(service), string(method)]);
const answers = (count: number): Buffer => {
  const bytes = Buffer.alloc(5);
  bytes[0] = 61;
  bytes.writeUInt32BE(count, 1);
  return bytes;
};

function atRequest(): MessageGate {
  const gate = new MessageGate();
  expect(gate.inspect(SERVICE)).toBeUndefined();
  return gate;
}

test('a usual login passes: service, none, password, success, and then everything else', () => {
  const gate = atRequest();
  expect(gate.inspect(Buffer.of(7, 0, 0, 0, 0))).toBeUndefined();
  expect(gate.inspect(request('alice'))).toBeUndefined();
  gate.answered();
  expect(gate.inspect(request('alice', 'password'))).toBeUndefined();
  gate.loggedIn();
  for (const type of [20, 21, 80, 90, 94, 98, 100]) expect(gate.inspect(Buffer.of(type))).toBeUndefined();
});

test('prompts are answered, or given up for another method', () => {
  const gate = atRequest();
  gate.inspect(request('alice', 'keyboard-interactive'));
  gate.prompted();
  expect(gate.inspect(answers(1))).toBeUndefined();
  gate.prompted();
  expect(gate.inspect(request('alice', 'password'))).toBeUndefined();
});

describe('before login', () => {
  test.each([
    6, 20, 21, 30, 51, 52, 53, 60, 63, 66, 79, 80, 81, 82, 90, 91, 93, 94, 96, 97, 98, 99, 100, 192, 255, 0,
  ])('message %i is refused', (type) => {
    expect(atRequest().inspect(Buffer.of(type, 0, 0, 0, 0))).toBe(`message ${type} before login`);
  });

  test('a second service request, and a request without one', () => {
    expect(atRequest().inspect(SERVICE)).toBeDefined();
    expect(new MessageGate().inspect(request('alice'))).toBeDefined();
  });

  test('a request that overtakes the one before', () => {
    const gate = atRequest();
    gate.inspect(request('alice', 'password'));
    expect(gate.inspect(request('alice', 'password'))).toMatch(/before the last one was answered/);
  });

  test.each([
    ['alice', 'bob'],
    ['alice', 'Alice'],
    ['alice', 'alice '],
    ['alic\u00E9', 'alice\u0301'],
  ])('a change of the name from %j to %j', (first, second) => {
    const gate = atRequest();
    expect(gate.inspect(request(first))).toBeUndefined();
    gate.answered();
    expect(gate.inspect(request(second))).toMatch(/another user name/);
  });

  test('names of 256 bytes pass, longer ones do not', () => {
    expect(atRequest().inspect(request('a'.repeat(256)))).toBeUndefined();
    expect(atRequest().inspect(request('a'.repeat(257)))).toMatch(/too long/);
    expect(atRequest().inspect(request('alice', 'm'.repeat(65)))).toMatch(/cannot be read/);
  });

  test('answers nobody asked for, and more than a few', () => {
    expect(atRequest().inspect(answers(1))).toBeDefined();
    const gate = atRequest();
    gate.inspect(request('alice', 'keyboard-interactive'));
    expect(gate.inspect(answers(1))).toBeDefined();
    gate.prompted();
    expect(gate.inspect(answers(4_000_000_000))).toBe('too many answers');
    expect(gate.inspect(Buffer.of(61))).toBe('too many answers');
  });

  test('a flood of messages that mean nothing', () => {
    const gate = atRequest();
    const refusals = Array.from({ length: 1_000 }, () => gate.inspect(Buffer.of(2, 0, 0, 0, 0)));
    expect(refusals.slice(0, 100).every((refusal) => refusal === undefined)).toBe(true);
    expect(refusals.at(-1)).toBe('too much before login');
    expect(atRequest().inspect(Buffer.alloc(1024 * 1024, 2))).toBe('too much before login');
  });
});

test('after login, authentication is refused', () => {
  const gate = atRequest();
  gate.loggedIn();
  for (const message of [request('alice'), answers(1), SERVICE, Buffer.of(52)]) {
    expect(gate.inspect(message)).toBe('authentication after login');
  }
});

test('no bytes make it throw', () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: 80 }), { maxLength: 20 }),
      fc.boolean(),
      (payloads, asked) => {
        const gate = atRequest();
        for (const payload of payloads) {
          expect(() => gate.inspect(Buffer.concat([Buffer.of(asked ? 50 : 61), payload]))).not.toThrow();
          gate.prompted();
        }
      },
    ),
  );
});
