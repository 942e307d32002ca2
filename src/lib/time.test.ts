import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatDuration, monotonicClock, parseDuration, systemClock } from './time.ts';

describe('parseDuration', () => {
  it.each([
    ['250ms', 250],
    ['0s', 0],
    ['90s', 90_000],
    ['15m', 900_000],
    ['24h', 86_400_000],
    ['365d', 31_536_000_000],
  ])('%s is %d ms', (text, expected) => expect(parseDuration(text)).toBe(expected));

  it.each(['', 's', '5', '5 s', '-5s', '1.5h', '5S', '5sec', '1234567890s', ' 5s', '5s\n', '٥s', '5w'])(
    'refuses %j',
    (text) => expect(parseDuration(text)).toBeUndefined(),
  );

  it('reads every number with every unit exactly, and nothing else ever throws', () => {
    const units = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
    fc.assert(
      fc.property(fc.nat(999_999_999), fc.constantFrom(...Object.entries(units)), (n, [unit, unitMs]) => {
        expect(parseDuration(`${n}${unit}`)).toBe(n * unitMs);
      }),
    );
    fc.assert(
      fc.property(fc.string(), (text) => {
        const value = parseDuration(text);
        expect(value === undefined || Number.isSafeInteger(value)).toBe(true);
      }),
    );
  });
});

describe('formatDuration', () => {
  it.each(['250ms', '90s', '25h', '7d'])('writes %s', (text) =>
    expect(formatDuration(parseDuration(text) ?? Number.NaN)).toBe(text),
  );

  it('is read back as what it was', () => {
    fc.assert(
      fc.property(fc.nat(999_999_999), (ms) => {
        expect(parseDuration(formatDuration(ms))).toBe(ms);
      }),
    );
  });
});

describe('clocks', () => {
  it('tell milliseconds, one of them never backwards', () => {
    expect(systemClock()).toBeGreaterThan(Date.UTC(2026, 0));
    const readings = Array.from({ length: 100 }, monotonicClock);
    expect(readings).toEqual(readings.toSorted((a, b) => a - b));
  });
});
