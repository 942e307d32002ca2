import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { CommandRuleInput } from '#contract/resources/command-rule.ts';
import { GRANT, openBed, type Bed } from './bed.ts';
import { ssh, startSsh } from './run-ssh.ts';

let bed: Bed;
let target: string;
beforeAll(async () => {
  bed = await openBed({
    grants: [{ ...GRANT, mode: 'strict' }],
    commandRules: [
      CommandRuleInput.parse({
        name: 'the-list',
        kind: 'program',
        patterns: ['echo', 'printf', 'cat', 'bash', 'true'],
        verdict: 'allow',
      }),
    ],
  });
  target = `alice@${bed.sshd.account}@web01`;
});
afterAll(() => bed[Symbol.asyncDispose]());

const run = (command: string, input = '') => ssh(['-T', ...bed.ssh(target), command], input);

describe('runs', () => {
  it.each([
    ['what is on the list', 'echo hello', 'hello\n'],
    ['a pipeline of what is on the list', "printf 'a\\nb\\n' | cat", 'a\nb\n'],
    ['a list of what is on the list', 'true && echo yes', 'yes\n'],
  ])('%s', async (_what, command, output) => {
    const done = await run(command);
    expect([done.code, done.stdout.toString()]).toEqual([0, output]);
  });
});

describe('does not run', () => {
  it.each([
    ['what is not on the list', 'id'],
    ['a list with something else in it', 'echo hello; id'],
    ['a substitution of something else', 'echo $(id)'],
    ['what is known only at run time', 'X=id; $X'],
    ['a script', 'bash ./script'],
    ['what does not parse', 'echo )('],
    ['what is not finished', 'echo "hello'],
  ])('%s', async (_what, command) => {
    const done = await run(command);
    expect([done.code, done.stdout.toString()]).toEqual([126, '']);
    expect(done.stderr).not.toBe('');
  });
});

test('what is sent to a shell on the list is held to the list line by line', async () => {
  const done = await run('bash', 'echo one\nid\necho $(id)\necho two\n');
  expect(done.stdout.toString()).toBe('one\ntwo\n');
  expect(done.stderr.match(/forbidden|allowed|read/g)?.length).toBeGreaterThanOrEqual(2);
});

test('a shell is refused, with and without a terminal', async () => {
  for (const flag of ['-T', '-tt']) {
    await using running = startSsh([flag, ...bed.ssh(target)]);
    running.type('echo in""side\n');
    running.endInput();
    const done = await running.finished;
    expect(done.code).toBe(255);
    expect(done.stdout.toString()).not.toContain('inside');
  }
});
