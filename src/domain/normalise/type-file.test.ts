import { describe, expect, test } from 'vitest';
import { buildLogSourceTypes, LogSourceTypes, refreshLogSourceTypes } from './log-source-types.ts';

const file = (text: string, path = 'a.yaml'): { path: string; text: string } => ({ path, text });

const GOOD = `name: good
title: Good
match: { app: [good] }
events: [{ id: one, name: One, type: foreign.event }]
tests: [{ name: t, lines: ['<14>good: x'], events: [{ type: foreign.event }] }]
`;

function problemsOf(text: string): readonly string[] {
  return refreshLogSourceTypes(new LogSourceTypes([]), [file(text)]).problems.map(
    ({ path, message }) => `${path} ${message}`,
  );
}

describe('mistakes', () => {
  test('a moment of records needs a key that tells records apart', () => {
    const [first] = problemsOf(`${GOOD}keyTime: time\n`);
    expect(first).toContain('keyTime: ');
    expect(
      problemsOf(
        GOOD.replace(
          'events:',
          'properties: { nr: [{ pair: nr }], at: [{ pair: at }] }\nkey: [nr]\nkeyTime: at\nevents:',
        ),
      ),
    ).toEqual([]);
  });

  test('all come at once, each with line and column', () => {
    expect(
      problemsOf(`name: Bad Name
title: T
match: { app: [x], colour: red }
properties:
  user: [{ json: /a, pair: b }]
events:
  - id: one
    name: One
    type: login.suceeded
tests: []
`),
    ).toEqual([
      'a.yaml:1:7 name: must be lower-case words joined by "-"',
      'a.yaml:3:28 match.colour: is not known',
      'a.yaml:5:10 properties.user[0]: must have exactly one of json, pattern, pair, header, structured, group, value',
      'a.yaml:9:11 events[0].type: there is no event type "login.suceeded"; did you mean "login.succeeded"?',
      'a.yaml:10:8 tests: must have at least 1 items',
    ]);
  });

  test('what only compiling shows is told in the same way', () => {
    const tests = "tests: [{ name: t, lines: ['x'], matches: false }]\n";
    expect(
      problemsOf(`name: bad
title: T
match: { pattern: '(?=x)', json: [a] }
events:
  - { id: one, name: One, type: foreign.event, pattern: '(', when: { nothing: 1 }, key: [none] }
  - { id: one, name: Two, type: login.failed, properties: { user: [{ json: '/a~3' }] } }
  - { id: two, name: Two, type: foreign.event, properties: { data.x: [{ group: g }] } }
${tests}`).map((one) => one.replace(/ is not a regular.*/, ' is no RE2')),
    ).toEqual([
      'a.yaml:6:11 events[1].id: there is already an event "one"',
      'a.yaml:3:19 match.pattern: is no RE2',
      'a.yaml:3:35 match.json[0]: "a" is no JSON pointer such as /user/name',
      'a.yaml:5:57 events[0].pattern: is no RE2',
      'a.yaml:5:79 events[0].when.nothing: there is no property "nothing"',
      'a.yaml:5:90 events[0].key[0]: there is no property "none"',
      'a.yaml:6:76 events[1].properties.user[0].json: "/a~3" is no JSON pointer such as /user/name or /"user"/"name"',
      'a.yaml:6:67 events[1].properties.user: nobody was authenticated in login.failed: a name that was typed is data, write data.typedUser',
      'a.yaml:7:80 events[2].properties.data.x[0].group: the pattern of this event has no group "g"',
    ]);
  });

  test('broken YAML, aliases and twice the same name', () => {
    expect(problemsOf('name: [a\n')[0]).toMatch(/^a\.yaml:\d+:\d+ /);
    expect(problemsOf('a: &x 1\nb: *x\n')).toEqual(['a.yaml:1:1 YAML aliases are not accepted']);
    expect(() => buildLogSourceTypes([file(GOOD), file(GOOD, 'b.yaml')])).toThrow(
      expect.objectContaining({
        code: 'E_LOG_SOURCE_TYPE',
        problems: [{ path: 'b.yaml', message: 'there is already a type "good", in a.yaml' }],
      }),
    );
  });
});

test('no foreign line can say what is ours to say', () => {
  for (const type of ['tick', 'rule.fired', 'lock.ended', 'recording.failed', 'system.started'])
    expect(problemsOf(GOOD.replace('foreign.event', type)), type).toEqual([
      `a.yaml:4:38 events[0].type: ${type} is about Portcullis itself; no foreign line can say it`,
    ]);
});

test('a wrong file is refused while the type that was read from it before stays in force', () => {
  const before = buildLogSourceTypes([file(GOOD), file(GOOD.replace('name: good', 'name: other'), 'b.yaml')]);
  const { types, problems } = refreshLogSourceTypes(before, [
    file(GOOD.replace('foreign.event', 'nonsense')),
  ]);
  expect(problems.map(({ path }) => path)).toEqual(['a.yaml:4:38']);
  // The other file is gone, so its type is.
  expect(types.all.map(({ definition }) => definition.name)).toEqual(['good']);
  expect(types.all[0]).toBe(before.all[0]);
});
