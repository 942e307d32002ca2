import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BufferPool } from './buffer-pool.ts';

describe('the pool of buffers', () => {
  it('joins the pieces, whatever was in the buffer before', () => {
    const pool = new BufferPool();
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 30_000 }), { maxLength: 5 }), (pieces) => {
        const expected = Buffer.concat(pieces);
        const buffer = pool.filled(pieces);
        expect(Buffer.from(buffer, 0, expected.length).equals(expected)).toBe(true);
        pool.put([buffer]);
      }),
      { numRuns: 50 },
    );
  });

  it('gives back what came back, and never one buffer twice', () => {
    const pool = new BufferPool();
    const first = pool.filled([Buffer.alloc(100_000)]);
    const second = pool.filled([Buffer.alloc(100_000)]);
    expect(second).not.toBe(first);
    pool.put([first]);
    expect(pool.filled([Buffer.alloc(120_000)])).toBe(first);
    expect(pool.filled([Buffer.alloc(120_000)])).not.toBe(first);
  });

  it('gives a keystroke a buffer of its own size, and keeps no more than it may', () => {
    const pool = new BufferPool();
    expect(pool.filled([Buffer.from('x')]).byteLength).toBe(1);
    expect(pool.filled([]).byteLength).toBe(0);
    const many = Array.from({ length: 40 }, () => pool.filled([Buffer.alloc(1_000_000)]));
    pool.put(many);
    const again = Array.from({ length: 40 }, () => pool.filled([Buffer.alloc(1_000_000)]));
    expect(again.filter((buffer) => many.includes(buffer))).toHaveLength(16);
  });

  it('takes any size', () => {
    const pool = new BufferPool();
    const huge = pool.filled([Buffer.alloc(5_000_000, 7)]);
    expect(huge.byteLength).toBe(5_000_000);
    pool.put([huge]);
    expect(pool.filled([Buffer.alloc(5_000_000)])).not.toBe(huge);
  });
});
