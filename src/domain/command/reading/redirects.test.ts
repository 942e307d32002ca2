import { describe, expect, it } from 'vitest';
import { flags, runs } from '../testing/summary.ts';

describe('redirections', () => {
  it.each([
    ['for ((i=0;i<$(id);i++)); do ls; done', ['id', 'ls'], ''],
    ['a <<E\n$(id)\nE', ['id', 'a'], ''],
    ["a <<'E'\n$(id)\nE", ['a'], ''],
    ['cat <<E | sh\nls\nE', ['cat', 'sh', 'ls'], ''],
    ['X=a; . <(echo X=b); ls $X', ['= X=a', 'echo X=b', '. <(echo X=b)', '= X=b', 'ls b'], ''],
    ['ls > f', ['> f', 'ls'], ''],
    ['ls >> f 2>&1', ['> f', 'ls'], ''],
    ['> f', ['> f'], ''],
    ['ls > $X', ['> $X', 'ls'], ''],
    ['ls &> f >| g <> h', ['> f', '> g', '> h', 'ls'], ''],
    ['ls 3> f', ['> f', 'ls'], ''],
    ['ls < f', ['ls'], ''],
    ['exec < f', ['exec'], 'd'],
    ['exec 3< f', ['exec'], 'd'],
    ['exec <<< ls', ['exec'], 'd'],
    ['cat <<< ls | sh', ['cat', 'sh', 'ls'], ''],
    ['sh <<< $X', ['sh'], 'dc'],
    ['sh <<< \'a\'" $X"', ['sh'], 'dc'],
    ['sh < f', ['sh'], 'dc'],
    ['sh 3< f', ['sh'], 'c'],
    ['sh 0< f', ['sh'], 'dc'],
    ['ls <<< $(id)', ['id', 'ls'], ''],
    ['bash <<-E\n\tls\n\tE', ['bash', 'ls'], ''],
    ['cat <<E\nx', ['cat'], 'i'],
    ['bash <<E\nls', ['bash', 'ls'], 'i'],
    ['ls >', ['ls'], 'i'],
  ] as const)('%s', (line, programs, said) => {
    expect(runs(line)).toEqual(programs);
    expect(flags(line)).toBe(said);
  });
});
