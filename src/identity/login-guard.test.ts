import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { BackOffPolicy } from './back-off.ts';
import { createLoginGuard, type GuardAnswer, type LoginGuard } from './login-guard.ts';

const policy = (freeTries: number): BackOffPolicy => ({
  freeTries,
  firstPauseMs: 1_000,
  longestPauseMs: 60_000,
  forgetAfterMs: 600_000,
});

function setUp(
  options: { readonly address?: number; readonly user?: number; readonly capacity?: number } = {},
) {
  let nowMs = 0;
  const guard = createLoginGuard({
    perAddress: policy(options.address ?? 20),
    perUser: policy(options.user ?? 3),
    capacity: options.capacity ?? 1_000,
    clock: () => nowMs,
  });
  return {
    guard,
    pass: (ms: number): void => {
      nowMs += ms;
    },
  };
}

function attempt(guard: LoginGuard, address: string, nameKey: string, isLastAdmin = false): GuardAnswer {
  return guard.begin({ address, nameKey, isLastAdmin });
}

function tries(
  guard: LoginGuard,
  count: number,
  address: (index: number) => string,
  nameKey: string,
): string[] {
  return Array.from({ length: count }, (_, index) => attempt(guard, address(index), nameKey).let);
}

function succeed(answer: GuardAnswer): void {
  if (answer.let === 'wait') throw new Error('was not let through');
  answer.settle('right');
}

describe('per user', () => {
  test('who is forgiven may try again at once, from a familiar place and from elsewhere; the address may not', () => {
    const { guard } = setUp({ user: 1 });
    succeed(attempt(guard, '192.0.2.1', 'alice'));
    const knock = (): string[] =>
      ['192.0.2.1', '198.51.100.1'].flatMap((address) => [
        attempt(guard, address, 'alice').let,
        attempt(guard, address, 'alice').let,
      ]);
    expect(knock()).toEqual(['through', 'wait', 'through', 'wait']);
    guard.forgive('alic');
    expect(knock()).toEqual(['wait', 'wait', 'wait', 'wait']);
    guard.forgive('alice');
    expect(knock()).toEqual(['through', 'wait', 'through', 'wait']);

    const { guard: strict } = setUp({ address: 1 });
    attempt(strict, '192.0.2.1', 'alice');
    strict.forgive('alice');
    expect(attempt(strict, '192.0.2.1', 'alice')).toMatchObject({ let: 'wait', because: 'address' });
  });

  test('pauses double after the free tries, end at the longest, and are forgotten', () => {
    const { guard, pass } = setUp();
    const address = (index: number): string => `192.0.2.${index}`;
    expect(tries(guard, 4, address, 'alice')).toEqual(['through', 'through', 'through', 'wait']);
    const pauses: number[] = [];
    for (let round = 0; round < 9; round += 1) {
      const answer = attempt(guard, `198.51.100.${round}`, 'alice');
      const waitMs = answer.let === 'wait' ? answer.waitMs : 0;
      pauses.push(waitMs);
      pass(waitMs);
      attempt(guard, `203.0.113.${round}`, 'alice');
    }
    expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000]);
    pass(600_000);
    expect(tries(guard, 4, address, 'alice')).toEqual(['through', 'through', 'through', 'wait']);
  });

  test('many tries at once are counted before any of them is decided', () => {
    const { guard } = setUp();
    const answers = tries(guard, 100, (index) => `192.0.2.${index}`, 'alice');
    expect(answers.filter((answer) => answer === 'through')).toHaveLength(3);
  });

  test('a success from where the user is known keeps them free of what strangers do', () => {
    const { guard } = setUp();
    succeed(attempt(guard, '192.0.2.1', 'alice'));
    tries(guard, 50, (index) => `198.51.100.${index}`, 'alice');
    expect(attempt(guard, '198.51.100.200', 'alice')).toMatchObject({ let: 'wait', because: 'user' });
    expect(attempt(guard, '192.0.2.1', 'alice').let).toBe('through');
  });

  test('who sits at a familiar address and guesses is paused there as well', () => {
    const { guard } = setUp();
    succeed(attempt(guard, '192.0.2.1', 'alice'));
    expect(tries(guard, 4, () => '192.0.2.1', 'alice')).toEqual(['through', 'through', 'through', 'wait']);
  });

  test('the last administrator is not paused by failures under their name', () => {
    const { guard } = setUp();
    for (let index = 0; index < 50; index += 1) {
      expect(attempt(guard, `192.0.2.${index}`, 'root', true).let).toBe('through');
    }
  });
});

describe('per address', () => {
  test('trying many names from one address is paused', () => {
    const { guard } = setUp({ address: 5 });
    const answers = Array.from({ length: 10 }, (_, index) => attempt(guard, '192.0.2.1', `user${index}`));
    expect(answers.map((answer) => answer.let)).toEqual([
      ...Array.from({ length: 5 }, () => 'through'),
      ...Array.from({ length: 5 }, () => 'wait'),
    ]);
    expect(answers.at(-1)).toMatchObject({ because: 'address' });
  });

  test('addresses of one /64 count as one, however they are written', () => {
    const { guard } = setUp({ address: 5 });
    const answers = Array.from({ length: 6 }, (_, index) =>
      attempt(guard, index % 2 === 0 ? `2001:db8::${index + 1}` : `2001:DB8:0:0:ffff::${index}`, `u${index}`),
    );
    expect(answers.at(-1)?.let).toBe('wait');
    expect(attempt(guard, '2001:db8:0:1::1', 'other').let).toBe('through');
    expect(attempt(guard, '::ffff:192.0.2.1', 'other').let).toBe('through');
  });

  test('an account of the attacker’s own does not wash away the failures of the address', () => {
    const { guard } = setUp({ address: 5 });
    const answers: string[] = [];
    for (let round = 0; round < 8; round += 1) {
      const answer = attempt(guard, '192.0.2.1', `victim${round}`);
      answers.push(answer.let);
      const own = attempt(guard, '192.0.2.1', 'mallory');
      if (own.let === 'through') own.settle('right');
    }
    expect(answers.filter((answer) => answer === 'through').length).toBeLessThanOrEqual(5);
  });
});

test('a success that was under way does not cut short the pause others earned', () => {
  const { guard, pass } = setUp({ address: 5 });
  for (let index = 0; index < 5; index += 1) attempt(guard, '192.0.2.1', `victim${index}`);
  pass(1_000);
  succeed(attempt(guard, '192.0.2.1', 'mallory'));
  expect(attempt(guard, '192.0.2.1', 'victim')).toMatchObject({ let: 'wait', because: 'address' });
});

test('a try that could not be decided counts for nothing', () => {
  const { guard } = setUp();
  for (let index = 0; index < 50; index += 1) {
    const answer = attempt(guard, '192.0.2.1', 'alice');
    if (answer.let === 'wait') throw new Error('was not let through');
    answer.settle('undecided');
  }
  expect(tries(guard, 4, () => '192.0.2.1', 'alice')).toEqual(['through', 'through', 'through', 'wait']);
});

test('settling twice counts once', () => {
  const { guard } = setUp();
  const first = attempt(guard, '192.0.2.1', 'alice');
  if (first.let === 'wait') throw new Error('was not let through');
  first.settle('wrong');
  first.settle('right');
  expect(tries(guard, 3, (index) => `192.0.2.${index + 2}`, 'alice')).toEqual(['through', 'through', 'wait']);
});

test('never lets more failures through than a plain model of the pauses, for any timing', () => {
  const step = fc.record({ waitMs: fc.integer({ min: 0, max: 5_000 }), right: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      let nowMs = 0;
      const guard = createLoginGuard({
        perAddress: { ...policy(1_000) },
        perUser: policy(3),
        clock: () => nowMs,
      });
      let failures = 0;
      let until = 0;
      for (const { waitMs, right } of steps) {
        nowMs += waitMs;
        const answer = attempt(guard, '192.0.2.1', 'alice');
        expect(answer.let).toBe(nowMs < until ? 'wait' : 'through');
        if (answer.let === 'wait') continue;
        if (right) {
          answer.settle('right');
          failures = 0;
          until = 0;
        } else {
          answer.settle('wrong');
          failures += 1;
          until = failures < 3 ? 0 : nowMs + Math.min(60_000, 1_000 * 2 ** (failures - 3));
        }
      }
    }),
  );
});
