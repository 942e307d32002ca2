import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bindValues } from './bind-values.ts';

describe('bindValues', () => {
  it('lets text, safe numbers, bytes and null through as they are, and flags as 0 and 1', () => {
    const bytes = new Uint8Array([1, 2]);
    expect(bindValues(['a', '', 1, -0.5, null, bytes, true, false, 5n])).toEqual([
      'a',
      '',
      1,
      -0.5,
      null,
      bytes,
      1,
      0,
      5,
    ]);
  });

  it('either keeps a value, or refuses it: nothing becomes something else', () => {
    const value = fc.anything({ withBigInt: true, withDate: true, withTypedArray: true });
    fc.assert(
      fc.property(value, (given) => {
        expect(outcome(given)).toEqual(expected(given));
      }),
      { numRuns: 1_000 },
    );
  });
});

function outcome(value: unknown): unknown {
  try {
    return { kept: bindValues([value])[0] };
  } catch (error) {
    return error instanceof TypeError ? 'refused' : error;
  }
}

function expected(value: unknown): unknown {
  if (typeof value === 'string' || value === null || value instanceof Uint8Array) return { kept: value };
  if (typeof value === 'boolean') return { kept: Number(value) };
  const number = typeof value === 'bigint' ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isFinite(number)) return 'refused';
  return Math.abs(number) <= Number.MAX_SAFE_INTEGER || number % 1 !== 0 ? { kept: number } : 'refused';
}
