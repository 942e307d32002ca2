import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EmacsModel } from '#gateway/terminal/readline/emacs-model.ts';
import { ViModel } from '#gateway/terminal/readline/vi-model.ts';
import { emacsKeys, viKeys } from './random-keys.ts';
import { readByReadline } from './readline-itself.ts';

const CASES = 500;

describe.each([
  { mode: 'emacs', Model: EmacsModel, keys: emacsKeys, unsureBelow: 0.05 },
  { mode: 'vi', Model: ViModel, keys: viKeys, unsureBelow: 0.25 },
] as const)('for random keys in $mode mode', ({ mode, Model, keys, unsureBelow }) => {
  it('as far as the model is sure, which it mostly is', async () => {
    const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
    const cases = fc.sample(keys, { seed, numRuns: CASES }).map((typed) => {
      const model = new Model();
      for (const char of typed) model.feed(char);
      return { typed, modelled: model.sure ? model.text : undefined };
    });
    const sure = cases.filter(({ modelled }) => modelled !== undefined);
    const actual = await readByReadline(
      mode,
      sure.map(({ typed }) => typed),
    );
    const different = sure
      .map((one, index) => ({ ...one, readline: actual[index] }))
      .filter(({ modelled, readline }) => modelled !== readline);
    expect(different, `seed ${seed}`).toEqual([]);
    expect(1 - sure.length / CASES, `share of unsure lines, seed ${seed}`).toBeLessThan(unsureBelow);
  });
});
