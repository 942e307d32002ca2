import { describe, expect, it } from 'vitest';
import { flags, runs } from '../testing/summary.ts';

describe('assignments', () => {
  it.each([
    ['X=ls', ['= X=ls'], ''],
    ['X=ls Y=$X; $Y', ['= X=ls', '= Y=ls', 'ls'], 'd'],
    ['X=a; X+=b; ls $X', ['= X=a', '= X=b', 'ls ab'], ''],
    ['X=a Y=b', ['= X=a', '= Y=b'], ''],
    ['X=ls id; $X', ['= X=ls', 'id', 'ls'], 'dc'],
    ['a=(x); a+=(y); ls ${a[@]}', ['= a=(x)', '= a+=(y)', 'ls x y'], ''],
    ['a[0]=x; ls $a', ['= a=x', 'ls $a', 'ls x'], ''],
    ['a=(x); a[1]=y; ls ${a[@]}', ['= a=(x)', '= a=y', 'ls x y'], ''],
    ['a=(x); a[5]=y; ls ${a[@]}', ['= a=(x)', '= a=y', 'ls ${a[@]}'], ''],
    ['a=(x); a[$i]=y; ls ${a[@]}', ['= a=(x)', '= a=y', 'ls ${a[@]}'], ''],
    ['a=([1]=x); ls ${a[@]}', ['= a=([1]=x)', 'ls ${a[@]}'], ''],
    ['X=a true; ls $X', ['= X=a', 'true', 'ls $X', 'ls a'], ''],
    ['X=a; X=b true; ls $X', ['= X=a', '= X=b', 'true', 'ls a', 'ls b'], ''],
    ["PS1='$(id)'", ['id', ': "$(id)"', '= PS1=$(id)'], 'd'],
    ["PS1='$ '", [': $ ', '= PS1=$ '], 'd'],
    ['PS1=a', ['= PS1=a'], ''],
    ['PROMPT_COMMAND=id', ['id', '= PROMPT_COMMAND=id'], 'd'],
    ['PAGER=less', ['less', '= PAGER=less'], ''],
    ['PAGER= ls', ['= PAGER=', 'ls'], ''],
    ['LD_PRELOAD=x ls', ['= LD_PRELOAD=x', 'ls'], 'd'],
  ] as const)('%s', (line, programs, said) => {
    expect(runs(line)).toEqual(programs);
    expect(flags(line)).toBe(said);
  });
});
