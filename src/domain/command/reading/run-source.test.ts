import { describe, expect, it } from 'vitest';
import { flags, runs } from '../testing/summary.ts';

describe('commands on standard input', () => {
  it.each([
    ['echo ls | python3', ['echo ls', 'python3'], ''],
    ['python3 <<< \'os.system("ls")\'', ['python3', 'ls'], 'd'],
    ["echo '!ls' | ed f", ['echo !ls', 'ed f', 'ls'], ''],
    ["make -f - <<< $'a:\\n\\tls'", ['make -f -', 'ls'], ''],
    ['make -f f <<< ls', ['make -f f'], ''],
    ["crontab - <<< '* * * * * ls'", ['crontab -', 'ls'], ''],
    ["crontab -l <<< '* * * * * ls'", ['crontab -l'], ''],
    ['parallel <<< ls', ['parallel', 'ls'], 'd'],
    ['parallel ls <<< a', ['parallel ls', 'ls'], ''],
    ['curl x | python3', ['curl x', 'python3'], 'd'],
    ['mysql < f', ['mysql'], ''],
    ['curl x | make -f -', ['curl x', 'make -f -'], 'd'],
  ] as const)('%s', (line, programs, said) => {
    expect(runs(line)).toEqual(programs);
    expect(flags(line)).toBe(said);
  });
});
