import { expect, test } from 'vitest';
import { HandshakePace } from './handshake-pace.ts';

function setUp() {
  let nowMs = 0;
  const pace = new HandshakePace(() => nowMs);
  const leave = (block: string, count: number): void => {
    for (let index = 0; index < count; index += 1) pace.endedWithoutLogin(block);
  };
  return {
    pace,
    leave,
    pass: (ms: number): void => {
      nowMs += ms;
    },
  };
}

test('a source that leaves many connections behind waits longer and longer, others do not', () => {
  const { pace, leave } = setUp();
  leave('a', 100);
  expect(pace.delayMs('a')).toBe(0);
  leave('a', 10);
  expect(pace.delayMs('a')).toBe(200);
  leave('a', 10_000);
  expect(pace.delayMs('a')).toBe(2_000);
  expect(pace.delayMs('b')).toBe(0);
});

test('it is forgotten with time, and a slow rate is never slowed down', () => {
  const { pace, leave, pass } = setUp();
  leave('a', 200);
  pass(5_000);
  expect(pace.delayMs('a')).toBe(0);
  for (let second = 0; second < 60; second += 1) {
    leave('b', 20);
    pass(1_000);
    expect(pace.delayMs('b')).toBe(0);
  }
});
