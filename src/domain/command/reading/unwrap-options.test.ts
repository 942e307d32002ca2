import { expect, it } from 'vitest';
import { flags, runs } from '../testing/summary.ts';

/** What is run besides the program itself. */
const inner = (line: string): readonly string[] => runs(line).slice(1);

it.each([
  ['python -c \'system("ls")\'', ['ls']],
  ['python3.11 -Bc \'system("ls")\'', ['ls']],
  ['python3 x.py \'system("ls")\'', []],
  ['perl -ne \'system("ls")\'', ['ls']],
  ['awk \'BEGIN{system("ls")}\' f', ['ls']],
  ['awk -F: \'BEGIN{system("ls")}\' f', ['ls']],
  ['awk -F : -v a=b \'BEGIN{system("ls")}\' f', ['ls']],
  ["awk 'BEGIN{}' 'system(\"ls\")'", []],
  ["sed -n '1e ls' f", ['ls']],
  ["sed -e p -e '1e ls' f", ['ls']],
  ["sed p '1e ls'", []],
  ["vim +'!ls' f", ['ls']],
  ['vim + f', []],
  ["vim -c '!ls' -c ':q'", ['ls']],
  ["gdb -ex '!ls'", ['ls']],
  ["gdb --eval-command='!ls'", ['ls']],
  ['tar -I ls -xf a', ['ls']],
  ['tar -xIls -f a', ['ls']],
  ['tar --to-command=ls a', ['ls']],
  ['tar --to-command ls a', ['ls']],
  ['tar --to-com=ls a', ['ls']],
  ['tar --to-stdout ls', []],
  ['tar --to', []],
  ['tar --checkpoint-action=exec=ls', ['ls']],
  ['tar --checkpoint-action exec=ls', ['ls']],
  ['tar --checkpoint-action=dot', []],
  ['tar -I', []],
  ['rsync -ave ls a b', ['ls']],
  ['ssh -o ProxyCommand=ls a b', ['b', 'ls']],
  ['ssh -oproxycommand=ls a b', ['b', 'ls']],
  ["scp -o 'ProxyCommand ls' a b", ['ls']],
  ["scp -o 'ProxyCommand = ls' a b", ['ls']],
  ['scp -o Port=22 a b', []],
  ['zip -TT ls a', ['ls']],
  ['git -c core.pager=ls log', ['ls']],
  ['git -c CORE.Pager=ls log', ['ls']],
  ['git -c pager.log=ls log', ['ls']],
  ['git -c filter.x.clean=ls add', ['ls']],
  ['git config core.pager ls', ['ls']],
  ['git add core.pager ls', []],
  ["git -c alias.x='!ls' x", ['ls']],
  ['git -c alias.x=ls x', []],
  ['git rebase -x ls', ['ls']],
  ['git clean -x ls', []],
  ['git bisect run ls -l', ['ls -l']],
  ['git submodule foreach ls -l', ['ls -l']],
  ['xterm -e ls -l', ['ls -l']],
  ['xterm -title -e', []],
  ['make SHELL=ls', ['ls']],
  ['make shell ls', []],
  ["make --eval='a:; ls'", ['ls']],
  ['socat - EXEC:ls', ['ls']],
  ['socat - system:ls,pty', ['ls']],
  ['service nginx restart', []],
  ['service ../ls restart', ['ls']],
  ['apt-get -o APT::Update::Pre-Invoke::=ls update', ['ls']],
  ['gcc -wrapper ls,-l x.c', ['ls -l']],
  ['hyperfine -w 3 ls', ['3', 'ls']],
  ["sqlite3 f '.shell ls'", ['ls']],
  ["mail --exec='!ls'", ['ls']],
  ['docker run --entrypoint ls alpine', ['alpine', 'ls']],
  ['nmap --script <(echo \'system("ls")\')', ['nmap --script <(echo \'system("ls")\')', 'ls']],
] as const)('%s', (line, expected) => {
  expect(inner(line)).toEqual(expected);
});

it.each([
  ["python -c 'system(x)'", 'd'],
  ['git -c core.pager="ls $X" log', 'd'],
  ['vim -c "!ls $X"', 'd'],
  ['vim -c "set $X"', ''],
  ['nmap --script=/x.nse', 'd'],
  ['nmap --script=vuln', ''],
] as const)('what is decided at run time is said: %s', (line, expected) => {
  expect(flags(line)).toBe(expected);
});

it.each([
  ['python3', true],
  ['python3 -u', true],
  ['python3 -', true],
  ['python3 f', false],
  ["python3 -c ''", false],
  ['perl -w', true],
] as const)('code on standard input of %s: %s', (program, isRead) => {
  expect(runs(`${program} <<< 'system("ls")'`).includes('ls')).toBe(isRead);
});

it.each([
  ['make -f -', true],
  ['make -f-', true],
  ['make --file -', true],
  ['make --makefile -', true],
  ['make -sf -', true],
  ['make', false],
  ['make -f x', false],
] as const)('a makefile on standard input of %s: %s', (program, isRead) => {
  expect(runs(`${program} <<< 'a:; ls'`).includes('ls')).toBe(isRead);
});

it.each([
  ['crontab', true],
  ['crontab -', true],
  ['crontab -u app -', true],
  ['crontab -l', false],
  ['crontab f', false],
] as const)('a table on standard input of %s: %s', (program, isRead) => {
  expect(runs(`${program} <<< '@daily ls'`).includes('ls')).toBe(isRead);
});
