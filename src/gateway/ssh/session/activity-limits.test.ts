import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ActivityLimits } from './activity-limits.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function watch(idleMs: number, totalMs: number): { limits: ActivityLimits; seen: string[] } {
  const seen: string[] = [];
  const start = performance.now();
  const limits = new ActivityLimits({
    idleMs,
    totalMs,
    clock: () => performance.now(),
    warn: (kind, seconds) =>
      seen.push(`${Math.round((performance.now() - start) / 1000)}: ${kind} warn ${seconds}`),
    expired: (kind) => seen.push(`${Math.round((performance.now() - start) / 1000)}: ${kind} expired`),
  });
  return { limits, seen };
}

test('warns 60 seconds before the idle limit and then ends', () => {
  const { limits, seen } = watch(600_000, 3_600_000);
  vi.advanceTimersByTime(700_000);
  expect(seen).toEqual(['540: idle warn 60', '600: idle expired']);
  limits[Symbol.dispose]();
});

test('activity puts the idle limit off, also after the warning, which then comes again', () => {
  const { limits, seen } = watch(600_000, 86_400_000);
  vi.advanceTimersByTime(550_000);
  limits.touch();
  vi.advanceTimersByTime(650_000);
  expect(seen).toEqual(['540: idle warn 60', '1090: idle warn 60', '1150: idle expired']);
  limits[Symbol.dispose]();
});

test('activity does not put the total limit off', () => {
  const { limits, seen } = watch(600_000, 900_000);
  for (let minute = 0; minute < 16; minute += 1) {
    vi.advanceTimersByTime(60_000);
    limits.touch();
  }
  expect(seen).toEqual(['840: total warn 60', '900: total expired']);
  limits[Symbol.dispose]();
});

test('a short limit warns at half of it', () => {
  const { limits, seen } = watch(10_000, 3_600_000);
  vi.advanceTimersByTime(11_000);
  expect(seen).toEqual(['5: idle warn 5', '10: idle expired']);
  limits[Symbol.dispose]();
});

test('nothing comes after disposal', () => {
  const { limits, seen } = watch(10_000, 20_000);
  limits[Symbol.dispose]();
  vi.advanceTimersByTime(60_000);
  expect(seen).toEqual([]);
});
