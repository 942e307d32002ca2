import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Problem } from '#contract/errors.ts';
import { openTypeFolders, type TypeFolders } from '#intake/type-folders.ts';
import { newId } from '#lib/ids.ts';

const TYPE = `name: first
title: First
match: { app: [first] }
events: [{ id: one, name: One, type: foreign.event }]
tests: [{ name: t, lines: ['<14>first: x'], events: [{ type: foreign.event }] }]
`;

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portcullis-types-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Calls back until what was reported is what is waited for. */
class Reports {
  readonly #all: (readonly Problem[])[] = [];
  #wake: () => void = () => undefined;

  readonly add = (problems: readonly Problem[]): void => {
    this.#all.push(problems);
    this.#wake();
  };

  async until(fits: (problems: readonly Problem[]) => boolean): Promise<readonly Problem[]> {
    for (;;) {
      for (let next = this.#all.shift(); next !== undefined; next = this.#all.shift())
        if (fits(next)) return next;
      const { promise, resolve } = Promise.withResolvers<undefined>();
      this.#wake = () => resolve(undefined);
      await promise;
    }
  }
}

/** As an editor saves: whole files only. */
async function put(name: string, text: string): Promise<void> {
  await writeFile(join(folder, `${name}.new`), text);
  await rename(join(folder, `${name}.new`), join(folder, name));
}

const namesOf = ({ types }: TypeFolders): readonly string[] =>
  types.all.map(({ definition }) => definition.name);

test('a new file counts, a wrong one changes nothing, and one that is gone is gone', async () => {
  await put('a.yaml', TYPE);
  const reports = new Reports();
  using open = await openTypeFolders({ folders: [folder], newId, onReload: reports.add });
  expect(namesOf(open)).toEqual(['first']);

  await put('b.yaml', TYPE.replaceAll('first', 'second'));
  await reports.until(() => namesOf(open).length === 2);
  expect(namesOf(open)).toEqual(['first', 'second']);

  await put('a.yaml', TYPE.replace('foreign.event', 'nonsense'));
  const problems = await reports.until(({ length }) => length > 0);
  expect(problems).toEqual([
    { path: `${join(folder, 'a.yaml')}:4:38`, message: 'events[0].type: there is no event type "nonsense"' },
  ]);
  expect(namesOf(open)).toEqual(['first', 'second']);
  expect(open.types.all[0]?.definition.events[0]?.type).toBe('foreign.event');

  await rm(join(folder, 'a.yaml'));
  await reports.until(() => namesOf(open).length === 1);
  expect(namesOf(open)).toEqual(['second']);
});

test('a mistake at the start is told, and a folder that is not there is named', async () => {
  await put('a.yaml', TYPE.replace('first', 'No Name'));
  const options = { newId, onReload: () => undefined };
  await expect(openTypeFolders({ folders: [folder], ...options })).rejects.toMatchObject({
    code: 'E_LOG_SOURCE_TYPE',
    problems: [{ path: `${join(folder, 'a.yaml')}:1:7` }],
  });
  await expect(openTypeFolders({ folders: [join(folder, 'none')], ...options })).rejects.toThrow(
    'cannot be read',
  );
});

test('a received message becomes the event of the type that takes it', async () => {
  await put('a.yaml', TYPE);
  using open = await openTypeFolders({ folders: [folder], newId, onReload: () => undefined });
  const events = open.normalise(
    {
      raw: '<14>first: x',
      receivedAtMs: 1_727_769_600_000,
      peer: { address: '192.0.2.1', port: 5514, transport: 'udp' },
      facility: 1,
      severity: 6,
      timeMs: null,
      timeGuessed: { year: false, zone: false },
      hostname: null,
      appName: 'first',
      procId: null,
      msgId: null,
      structuredData: null,
      body: 'x',
      format: 'none',
      isTruncated: false,
      untruncatedSize: null,
    },
    { source: 'here', realm: 'here', intake: { confirmed: false, transport: 'udp' } },
  );
  expect(events).toMatchObject([
    { type: 'foreign.event', source: 'here', realm: 'here', time: 1_727_769_600_000 },
  ]);
});
