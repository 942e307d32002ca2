/** Small seeded generator (mulberry32), so that a failing run can be repeated from the seed it printed. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The seed of this run: from TEST_SEED, else from the time; printed, so that it can be given again. */
export function runSeed(what: string): number {
  const seed = Number(process.env['TEST_SEED'] ?? Date.now() % 1_000_000);
  console.log(`${what}: TEST_SEED=${seed}`);
  return seed;
}

/** How many kill points a run tries: few in the normal suite, many in the soak. */
export function killPoints(): number {
  return process.env['SOAK'] === '1' ? 200 : 20;
}
