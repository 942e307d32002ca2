import { describe, expect, it } from 'vitest';
import { flags, runs } from '../testing/summary.ts';

describe('shells', () => {
  it.each([
    ['sh', ['sh'], 'c'],
    ['bash -c ls', ['bash -c ls', 'ls'], ''],
    ["bash -c 'echo $0 $1' a b", ['bash -c echo $0 $1 a b', 'echo a b'], ''],
    ['bash -lc ls', ['bash -lc ls', 'ls'], ''],
    ['bash +x -c ls', ['bash +x -c ls', 'ls'], ''],
    ['bash -o errexit -c ls', ['bash -o errexit -c ls', 'ls'], ''],
    ['bash +o errexit f', ['bash +o errexit f'], 'd'],
    ['bash +ex -c ls', ['bash +ex -c ls', 'ls'], ''],
    ['bash +o posix -c ls', ['bash +o posix -c ls', 'ls'], ''],
    ['bash a+c ls', ['bash a+c ls'], 'd'],
    ['bash +c1 ls', ['bash +c1 ls'], 'd'],
    ['bash f.sh a', ['bash f.sh a'], 'd'],
    ['bash -s a', ['bash -s a'], 'c'],
    ['bash -', ['bash -'], 'c'],
    ['bash - a', ['bash - a'], 'c'],
    ['bash --version', ['bash --version'], ''],
    ['bash --help', ['bash --help'], ''],
    ['bash --rcfile f', ['bash --rcfile f'], 'c'],
    ['bash --rcfile=f -c ls', ['bash --rcfile=f -c ls', 'ls'], ''],
    ['bash -i', ['bash -i'], 'c'],
    ['bash -x f.sh', ['bash -x f.sh'], 'd'],
    ['bash /dev/stdin', ['bash /dev/stdin'], 'dc'],
    ['bash /proc/self/fd/0', ['bash /proc/self/fd/0'], 'dc'],
    ['bash <(ls)', ['ls', 'bash <(ls)'], 'dc'],
    ['bash <(echo ls)', ['echo ls', 'bash <(echo ls)', 'ls'], ''],
    ['fish -c ls', ['fish -c ls', 'ls'], ''],
    ['fish --command=ls', ['fish --command=ls', 'ls'], ''],
    ['fish --init-command ls', ['fish --init-command ls', 'ls'], 'c'],
    ['fish -C ls', ['fish -C ls', 'ls'], 'dc'],
    ['zsh -fc ls', ['zsh -fc ls', 'ls'], ''],
    ['rbash', ['rbash'], 'c'],
    ['busybox sh -c ls', ['busybox sh -c ls', 'sh -c ls', 'ls'], ''],
    ['xonsh', ['xonsh'], 'c'],
    ['sh -c', ['sh -c'], ''],
    ['bash -c -- ls', ['bash -c -- ls', 'ls'], ''],
  ] as const)('%s', (line, programs, said) => {
    expect(runs(line)).toEqual(programs);
    expect(flags(line)).toBe(said);
  });
});
