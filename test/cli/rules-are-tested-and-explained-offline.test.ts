import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cli } from './cli-bed.ts';

let folder = '';
let file = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portcullis-rules-'));
  file = join(folder, 'rule.yml');
  await writeFile(file, RULE);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const RULE = `title: Refused
name: refused
logsource: {product: portcullis, category: command}
detection:
  denied: {type: command.denied}
  words: [sudo, {'command|contains': su, asset: web01}]
  condition: denied and words
---
title: Refused twice
name: refused_twice
level: high
description: Somebody tries again.
status: test
tags: [attack.t1078]
owner: team-blue
correlation: {type: event_count, rules: [refused], group-by: [user], timespan: 1h, condition: {gte: 2}}
portcullis:
  mode: shadow
  tests:
    - name: twice
      steps: [{at: 0s, repeat: 2, every: 1m, type: command.denied, user: alice, command: sudo su}]
      fires: ['gateway:alice']
    - name: never
      steps:
        - {at: 0s, type: command.denied, user: bob, command: sudo su}
        - {at: 1m, type: command.denied, user: bob, command: ls}
        - {at: 2m, type: command.denied, user: bob, command: sudo reboot}
      fires: []
`;

const json = (text: string): readonly Record<string, unknown>[] =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

test('the list shows what a rule does, about whom, and how often it was tested', async () => {
  const { out, code } = await cli(['rule', 'list', file]);
  expect(code).toBe(0);
  expect(out).toMatch(/RULE +MODE +LEVEL +FAMILY +BY +PLAYBOOK +TESTS +FIRES AT +TITLE/);
  expect(out).toMatch(/refused_twice +shadow +high +- +user +- +2 +2 events within 1h +Refused twice/);
  expect(json((await cli(['rule', 'list', file, '--json'])).out)).toMatchObject([
    {
      id: 'refused_twice',
      mode: 'shadow',
      severity: 'high',
      family: 'refused_twice',
      groupBy: ['user'],
      tests: 2,
      when: '2 events within 1h',
      place: expect.stringContaining('rule.yml:9') as string,
    },
  ]);
});

test('a test that fails tells which, what was expected, what fired, and the story of every step', async () => {
  const { out, code } = await cli(['rule', 'test', file]);
  expect(code).toBe(65);
  const lines = out.split('\n');
  expect(lines).toContain('ok  Refused twice: twice');
  const at = lines.indexOf('FAILED  Refused twice: never');
  expect(lines.slice(at + 1, at + 8)).toEqual([
    `    ${file}:9`,
    '    expected nothing',
    '    fired    gateway:bob#1',
    '      0s command.denied: counted for ["gateway:bob"], beside 0 before it (wanted: 2 events within 1h)',
    '      1m command.denied: not counted: refused: words: "sudo" is not in it',
    '      2m command.denied: fired for gateway:bob, episode 1 (wanted: 2 events within 1h)',
    '1 passed, 1 failed',
  ]);
  expect(json((await cli(['rule', 'test', folder, '--json'])).out)).toMatchObject([
    { rule: 'refused_twice', test: 'twice', passed: true, story: [] },
    { rule: 'refused_twice', test: 'never', passed: false, fired: ['gateway:bob#1'] },
  ]);
});

test('a rule without tests is named', async () => {
  const untested = join(folder, 'untested.txt');
  await writeFile(untested, RULE.slice(0, RULE.indexOf('---')));
  const { err, code } = await cli(['rule', 'test', untested]);
  expect(code).toBe(0);
  expect(err).toContain('untested.txt:1: "Refused" has no tests');
});

test('a rule is explained with all that its author wrote about it', async () => {
  const { out, code } = await cli(['rule', 'explain', 'refused_twice', '--rules', file]);
  expect(code).toBe(0);
  for (const line of [
    'Refused twice (refused_twice)',
    '  Somebody tries again.',
    '  mode       shadow',
    '  fires at   2 events within 1h, by user',
    '  counts     refused',
    '  status     test',
    '  its own keys',
    '    owner      team-blue',
  ])
    expect(out.split('\n')).toContain(line);
  const detection = await cli(['rule', 'explain', 'refused', '--rules', file]);
  expect(detection.out).toContain('counted by refused_twice');
});

test('an event is explained selection by selection and field by field', async () => {
  const events = [
    '{"type":"command.denied","user":"Alice","asset":"web02","command":"su -","time":1767225600000}',
    '{"type":"command.denied","asset":"WEB01","command":"su \\u001b[31m"}',
  ].join('\n');
  const { out, code } = await cli(['rule', 'explain', 'refused_twice', '--rules', file, '--event', '-'], {
    input: events,
  });
  expect(code).toBe(0);
  expect(out).not.toContain('\u001B');
  const lines = out.split('\n').map((line) => line.trim());
  for (const line of [
    'refused: does not match',
    'yes log source category: command, product: portcullis',
    'yes denied, all of',
    'yes type: "command.denied", and it is "command.denied"',
    'no  words, one of',
    'no  "sudo" is not in it',
    'no  all of',
    'no  asset: "web01", but it is "web02"',
    'no  condition denied and words',
    'refused: matches',
    'not counted by refused_twice: it has no user, by which the rule groups',
  ])
    expect(lines).toContain(line);
});

test('the record of a match is shown, and everything as JSON for programs', async () => {
  const run = (...more: readonly string[]) =>
    cli(['rule', 'explain', 'refused_twice', '--rules', file, '--event', '-', ...more], {
      input:
        'type: command.denied\nuser: Alice\ncommand: sudo su\nsource: sshd-1\ntime: 2026-01-01T00:00:00Z\n',
    });
  expect((await run()).out).toContain(
    'counted by refused_twice: key ["gateway:alice","unconfirmed"], entity gateway:alice, time 2026',
  );
  expect((await run()).out).toContain('source not confirmed, so it never acts');
  expect(json((await run('--json')).out)).toMatchObject([
    {
      type: 'command.denied',
      detections: [
        {
          matched: true,
          selections: [{ name: 'denied' }, { name: 'words' }],
          records: [{ rule: 'refused_twice', key: '["gateway:alice","unconfirmed"]', timeMs: 1767225600000 }],
        },
      ],
    },
  ]);
});

test('when no event matches, the exit code is 1', async () => {
  const { code } = await cli(['rule', 'explain', 'refused', '--rules', file, '--event', '-'], {
    input: '{"type":"login.failed"}',
  });
  expect(code).toBe(1);
});

test.each([
  [['refused_twise'], '', 'Did you mean refused_twice?'],
  [['refused_twice', '--event', '-'], '{"type":"command.dnied"}', 'did you mean "command.denied"?'],
  [['refused_twice', '--event', '-'], '{"type":"tick","usr":"a"}', 'did you mean "user"?'],
  [['refused_twice', '--event', '-'], '\n', 'There is no event in standard input'],
  [['refused_twice', '--event', '-'], '{"type":"tick"}\n{"type":', 'line 2'],
  [['refused_twice', '--event', '/nowhere'], '', '/nowhere cannot be read'],
])('rule explain %j: %s', async (argv, input, message) => {
  const { err, code } = await cli(['rule', 'explain', ...argv, '--rules', file], { input });
  expect(code).not.toBe(0);
  expect(err).toContain(message);
});

test('modes and the time zone come from the configuration', async () => {
  const config = join(folder, 'portcullis.yaml');
  await writeFile(config, 'detection: {modes: [login_outside_hours=approve], timeZone: Asia/Shanghai}');
  const list = await cli(['rule', 'list', '--config', config], { cwd: folder });
  expect(list.out).toMatch(/login_outside_hours +approve/);
  const event = 'type: login.succeeded\nuser: alice\ntime: 2026-01-01T12:30:00Z\n';
  const explain = (...more: readonly string[]) =>
    cli(['rule', 'explain', 'login_outside_hours', '--event', '-', ...more], { cwd: folder, input: event });
  expect((await explain('--config', config)).code).toBe(0);
  await rm(config);
  expect((await explain()).code).toBe(1);
});
