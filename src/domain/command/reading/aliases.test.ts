import { describe, expect, it } from 'vitest';
import { flags, runs } from '../testing/summary.ts';

describe('aliases and what else stands for a command', () => {
  it.each([
    ['alias y=ls; y a', ['alias y=ls', 'ls', 'ls a', 'y a'], 'd'],
    ['alias y ls; y a', ['alias y ls', 'ls a', 'y a'], ''],
    ['alias -g Y=a; ls Y', ['alias -g Y=a', 'a', 'ls a', 'ls Y'], 'd'],
    ['alias -s y=ls; a.y', ['alias -s y=ls', 'ls', 'ls a.y', 'a.y'], 'd'],
    ['alias y=ls z=id; y; z', ['alias y=ls z=id', 'ls', 'id', 'ls', 'y', 'id', 'z'], 'd'],
    ['alias y=$X; y', ['alias y=', 'y'], 'd'],
    ['alias y=ls; unalias y; y', ['alias y=ls', 'ls', 'unalias y', 'y'], 'd'],
    ['alias y=ls; unalias -a; y', ['alias y=ls', 'ls', 'unalias -a', 'y'], 'd'],
    ['abbr -a y ls; y', ['abbr -a y ls', 'ls', 'y'], ''],
    ['abbr y; y', ['abbr y', 'y'], ''],
    ["alias y='y a'; y", ['alias y=y a', 'y a', 'y a', 'y'], 'd'],
    ["alias y='ls '; alias z=a; y z", ['alias y=ls ', 'ls', 'alias z=a', 'a', 'ls a', 'y z'], 'd'],
    ['alias y=ls; alias z=a; y z', ['alias y=ls', 'ls', 'alias z=a', 'a', 'ls z', 'y z'], 'd'],
    ["alias y='id; ls'; y a", ['alias y=id; ls', 'id', 'ls', 'id', 'ls a', 'y a'], 'd'],
    ['alias y=ls; \\y', ['alias y=ls', 'ls', 'y'], 'd'],
    ["alias y=ls; 'y'", ['alias y=ls', 'ls', 'y'], 'd'],
    ["alias y='ls \\!*'; y a", ['alias y=ls \\!*', 'ls !*', 'ls a', 'y a'], 'd'],
    ["alias y='echo ls'; y | sh", ['alias y=echo ls', 'echo ls', 'echo ls', 'y', 'sh', 'ls'], 'd'],
    ['BASH_ALIASES[y]=ls; y', ['= BASH_ALIASES=ls', 'ls', 'y'], ''],
    ['BASH_ALIASES=([y]=ls); y', ['= BASH_ALIASES=([y]=ls)', 'ls', 'y'], ''],
    ['galiases[Y]=a; ls Y', ['= galiases=a', 'ls a', 'ls Y'], ''],
    ['saliases[y]=ls; a.y', ['= saliases=ls', 'ls a.y', 'a.y'], ''],
    ['BASH_CMDS[y]=/x/ls; y', ['= BASH_CMDS=/x/ls', 'y', 'ls'], ''],
    ['functions[y]=ls; y', ['= functions=ls', 'y', 'ls'], ''],
    ['BASH_ENV=f', ['= BASH_ENV=f'], 'd'],
  ] as const)('%s', (line, programs, said) => {
    expect(runs(line)).toEqual(programs);
    expect(flags(line)).toBe(said);
  });
});
