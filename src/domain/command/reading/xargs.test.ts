import { describe, expect, it } from 'vitest';
import { flags, runs } from '../testing/summary.ts';

describe('xargs', () => {
  it.each([
    ['echo ls | xargs', ['echo ls', 'xargs'], ''],
    ['echo a b | xargs ls', ['echo a b', 'xargs ls', 'ls a b', 'ls a', 'ls b'], ''],
    ["echo 'a b' | xargs -I% ls % c", ['echo a b', 'xargs -I% ls % c', 'ls a b c'], ''],
    ["printf 'a\\nb\\n' | xargs -I% ls %", ['printf a\\nb\\n', 'xargs -I% ls %', 'ls a', 'ls b'], ''],
    ['xargs ls', ['xargs ls', 'ls …'], ''],
    ['xargs -I% ls %', ['xargs -I% ls %', 'ls %'], ''],
    ['xargs -I% % a', ['xargs -I% % a'], 'dc'],
    ['cat f | xargs -I% sh -c %', ['cat f', 'xargs -I% sh -c %', 'sh -c %'], 'd'],
    ['xargs --replace ls {}', ['xargs --replace ls {}', 'ls {}'], ''],
    ['xargs -n 1 -P 2 ls a', ['xargs -n 1 -P 2 ls a', 'ls a …'], ''],
  ] as const)('%s', (line, programs, said) => {
    expect(runs(line)).toEqual(programs);
    expect(flags(line)).toBe(said);
  });
});
