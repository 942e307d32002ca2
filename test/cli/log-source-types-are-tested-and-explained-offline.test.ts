import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cli } from './cli-bed.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portcullis-types-'));
  await writeFile(join(folder, 'good.yaml'), GOOD);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const GOOD = `name: good
title: Good
match: { app: [good] }
properties: { user: [{ pair: who }, { pair: whom }], address: [{ pair: from }] }
events: [{ id: one, name: One, type: foreign.event }]
tests:
  - { name: right, lines: ['<14>good: who=a'], events: [{ user: a }] }
  - { name: wrong, lines: ['<14>good: who=a'], events: [{ user: b }] }
`;

test('tests in the files run, and one that fails says what was otherwise', async () => {
  const run = await cli(['log-source-type', 'test', 'good.yaml'], { cwd: folder });
  expect(run.code).toBe(65);
  expect(run.out).toBe(
    'ok  good: right\nFAILED  good: wrong\n    event 1: user is "a", not "b"\n1 passed, 1 failed\n',
  );
});

test('the shipped types are listed in their order, and pass', async () => {
  const list = await cli(['log-source-type', 'list', '--json']);
  const names = list.out
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { name: string }).name);
  expect(names.slice(-2)).toEqual(['generic-json', 'generic-rfc5424']);
  const run = await cli(['log-source-type', 'test']);
  expect([run.code, run.out.split('\n').at(-2)]).toEqual([
    0,
    expect.stringMatching(/^\d+ passed, 0 failed$/),
  ]);
});

test('a line is explained expression by expression', async () => {
  const run = await cli(['log-source-type', 'explain', '--types', 'good.yaml', '--source', 'here', '-'], {
    cwd: folder,
    input: '<14>good: whom=alice from=nowhere\n',
  });
  expect(run.code).toBe(0);
  for (const text of [
    'takes it  good\n    yes app is good',
    'event one: fits',
    'miss pair who: nothing there',
    'hit  pair whom: alice',
    'miss pair from: is no IP address (found nowhere)',
    'becomes foreign.event (PC9002)',
    'realm     here',
  ])
    expect(run.out).toContain(text);
});

test('what no type takes is said to be kept raw, and mistakes come with their places', async () => {
  const none = await cli(['log-source-type', 'explain', '--types', 'good.yaml', '-'], {
    cwd: folder,
    input: 'x\n',
  });
  expect(none.out).toContain('no type takes it');
  expect(none.out).toContain('becomes foreign.unparsed');
  await writeFile(
    join(folder, 'bad.yaml'),
    GOOD.replace('foreign.event', 'foreign.evnt').replace('[good]', '[]'),
  );
  const bad = await cli(['log-source-type', 'test', 'bad.yaml'], { cwd: folder });
  expect(bad.code).toBe(65);
  expect(bad.err).toContain('bad.yaml:3:15: match.app: must have');
  expect(bad.err).toContain(
    'bad.yaml:5:38: events[0].type: there is no event type "foreign.evnt"; did you mean',
  );
});
