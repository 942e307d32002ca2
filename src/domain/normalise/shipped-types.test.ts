import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { buildLogSourceTypes } from './log-source-types.ts';
import { runTypeTests } from './type-tests.ts';

const folder = join(import.meta.dirname, '..', '..', '..', 'content', 'log-sources');
const types = buildLogSourceTypes(
  readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => ({ path: name, text: readFileSync(join(folder, name), 'utf8') })),
);

test('each shipped type says what could be pretended, and tests lines that it takes and lines that it does not', () => {
  expect(types.all.map(({ definition }) => definition.name)).toEqual([
    'jumpserver',
    'jumpserver-component',
    'openssh',
    'su',
    'sudo',
    'generic-json',
    'generic-rfc5424',
  ]);
  for (const { definition } of types.all) {
    expect(definition.trust, definition.name).not.toBe('');
    expect(
      definition.tests.some(({ matches }) => matches === false),
      definition.name,
    ).toBe(true);
    expect(
      definition.tests.some(({ events }) => events !== undefined),
      definition.name,
    ).toBe(true);
  }
});

test('no two shipped events share a QID', () => {
  const qids = types.all.flatMap(({ definition }) => definition.events.flatMap(({ qid }) => qid ?? []));
  expect(new Set(qids).size).toBe(qids.length);
});

describe.each(types.all.map((type) => [type.definition.name, type] as const))('%s', (_name, type) => {
  test.each(runTypeTests(type).map((result) => [result.test, result] as const))('%s', (_test, result) => {
    expect(result.failures).toEqual([]);
  });
});
