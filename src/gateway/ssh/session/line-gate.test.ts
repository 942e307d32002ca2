import { expect, test } from 'vitest';
import { compileCommandRules } from '#domain/command/compile-rules.ts';
import type { GrantMode } from '#contract/resources/grant.ts';
import { createLineGate } from './line-gate.ts';

const judge = compileCommandRules(
  [
    {
      name: 'no-su',
      priority: 1,
      users: ['*'],
      groups: [],
      roles: [],
      assets: ['*'],
      accounts: ['*'],
      kind: 'program',
      patterns: ['su'],
      verdict: 'deny',
    },
  ],
  { username: 'alice', groups: [], roles: [], asset: 'web01', account: 'root' },
);

function open(mode: GrantMode = 'guard', audit: () => Promise<void> = () => Promise.resolve()) {
  const told: string[] = [];
  const passed: Buffer[] = [];
  const gate = createLineGate({
    judge,
    mode,
    onJudged: async (line, judgement) => {
      told.push(`${judgement?.verdict ?? 'unreadable'} ${line.slice(0, 40)}`);
      await audit();
    },
    auditFailed: () => told.push('audit failed'),
    tell: (judgement) => told.push(`told ${judgement?.matched ?? 'unreadable'}`),
  })({ toAsset: (bytes) => passed.push(bytes), toPerson: () => undefined });
  const ended = Promise.withResolvers<void>();
  return {
    told,
    passed: () => Buffer.concat(passed).toString(),
    feed: (text: string) => gate.fromPerson(Buffer.from(text)),
    end: () => {
      gate.personEnded(() => ended.resolve());
      return ended.promise;
    },
  };
}

test('a denied line is left out, the others go on in order, whatever the chunks', async () => {
  const gate = open();
  for (const byte of 'echo one\nsudo su -\necho two') gate.feed(byte);
  await gate.end();
  expect(gate.passed()).toBe('echo one\necho two');
  expect(gate.told).toEqual(['allow echo one', 'deny sudo su -', 'told su', 'allow echo two']);
});

test('a command spread over lines is judged as a whole, a here-document is not a command', async () => {
  const gate = open();
  gate.feed('s\\\nu root\ncat <<END\nsu is a word here\nEND\n');
  await gate.end();
  expect(gate.passed()).not.toContain('u root');
  expect(gate.passed()).toContain('su is a word here\nEND\n');
});

test('what one line defines, the next may use', async () => {
  const gate = open();
  gate.feed('alias x=sudo\nx su\nf() {\n  sudo "$@"\n}\nf su\nX=su\n$X -\nX=id\n$X\n');
  await gate.end();
  expect(gate.passed()).toBe('alias x=sudo\nf() {\n  sudo "$@"\n}\nX=su\nX=id\n$X\n');
});

test('what a denied line defines, nobody can use', async () => {
  const gate = open();
  gate.feed('alias x=ls; su\nx() { sudo "$@"; }; su\nx su\n');
  await gate.end();
  expect(gate.passed()).toBe('x su\n');
});

test('a line that is too long to read does not pass, and neither does its rest', async () => {
  const gate = open();
  gate.feed('x'.repeat(70_000));
  gate.feed(`${'x'.repeat(10)}; su\necho fine\n`);
  await gate.end();
  expect(gate.passed()).toBe('echo fine\n');
  expect(gate.told).toEqual(['unreadable ', 'told unreadable', 'allow echo fine']);
});

test('nothing passes when the decision cannot be made known', async () => {
  const gate = open('guard', () => Promise.reject(new Error('no stream')));
  gate.feed('echo one\n');
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
  expect(gate.passed()).toBe('');
  expect(gate.told).toEqual(['allow echo one', 'audit failed']);
});

test('an observed session is told about, not stopped', async () => {
  const gate = open('observe');
  gate.feed('su\n');
  await gate.end();
  expect(gate.passed()).toBe('su\n');
  expect(gate.told).toEqual(['deny su']);
});

test('an observed session is not held up, and not one byte of it is lost', async () => {
  const gate = open('observe', () => new Promise(() => undefined));
  const long = `${'x'.repeat(70_000)}\n`;
  gate.feed('echo one\n');
  gate.feed(long.slice(0, 66_000));
  gate.feed(long.slice(66_000));
  gate.feed('echo two\n');
  await gate.end();
  expect(gate.passed()).toBe(`echo one\n${long}echo two\n`);
});
