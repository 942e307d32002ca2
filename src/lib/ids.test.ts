import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { derivedId, newId, orderedId } from './ids.ts';

const FORM = /^[0-9a-f]{8}-[0-9a-f]{4}-([78])[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe('newId', () => {
  it('is a UUIDv7 that holds its time and sorts by it', () => {
    const time = fc.integer({ min: 0, max: 2 ** 48 - 1 });
    fc.assert(
      fc.property(time, time, (a, b) => {
        const [one, two] = [newId(a), newId(b)];
        expect(FORM.exec(one)?.[1]).toBe('7');
        expect(Number.parseInt(one.replace('-', '').slice(0, 12), 16)).toBe(a);
        expect(a === b || one < two === a < b).toBe(true);
      }),
    );
  });

  it('never repeats, not in one millisecond and not when its pool is filled again', () => {
    const ids = new Set(Array.from({ length: 10_000 }, () => newId(1_795_335_706_864)));
    expect(ids.size).toBe(10_000);
  });
});

describe('derivedId', () => {
  const parts = fc.array(fc.oneof(fc.string(), fc.integer()), { maxLength: 4 });

  it('is the same for the same parts and another for others', () => {
    fc.assert(
      fc.property(parts, parts, (a, b) => {
        expect(FORM.exec(derivedId(...a))?.[1]).toBe('8');
        expect(derivedId(...a) === derivedId(...b)).toBe(JSON.stringify(a) === JSON.stringify(b));
      }),
    );
  });

  it('never changes: stored ids are compared with it', () => {
    expect(derivedId('offense', 'gateway:alice', 1)).toBe(derivedId('offense', 'gateway:alice', 1));
    expect(derivedId('a', 'bc')).not.toBe(derivedId('ab', 'c'));
    expect(derivedId('1')).not.toBe(derivedId(1));
    expect(derivedId('lock', 'alice', 3)).toMatchInlineSnapshot(`"25de58aa-e19d-80fb-a025-d15fe7a74d2d"`);
  });
});

describe('orderedId', () => {
  it('is the same for the same order and parts, another for others, and sorts by the order', () => {
    const order = fc.integer({ min: 0, max: 2 ** 48 - 1 });
    const parts = fc.array(fc.string(), { maxLength: 3 });
    fc.assert(
      fc.property(order, order, parts, parts, (a, b, one, other) => {
        const id = orderedId(a, ...one);
        expect(FORM.exec(id)?.[1]).toBe('8');
        expect(id === orderedId(b, ...other)).toBe(a === b && JSON.stringify(one) === JSON.stringify(other));
        expect(a === b || id < orderedId(b, ...one) === a < b).toBe(true);
      }),
    );
  });

  it('takes any number', () => {
    for (const order of [-1, 0.5, 2 ** 60, Number.MAX_VALUE, Number.NaN, Number.POSITIVE_INFINITY])
      expect(FORM.test(orderedId(order, 'a'))).toBe(true);
  });
});
