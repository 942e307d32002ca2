import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { COMMANDS } from '#cli/commands/commands.ts';
import { CONFIG_KEYS } from '#config/config-keys.ts';
import { ERROR_CATALOGUE } from '#contract/errors.ts';
import { EVENT_CATALOGUE } from '#contract/event-catalogue.ts';
import { ROUTES } from '#contract/routes/routes.ts';
import { PAGES } from './generate.ts';

const written = (name: string): string =>
  readFileSync(join(import.meta.dirname, '..', 'docs', 'reference', name), 'utf8');

/** The first column of every table row that names something in code. */
const named = (page: string): readonly string[] =>
  [...page.matchAll(/^\| `([^`]+)`/gm)].map(([, name = '']) => name);

test.each(Object.keys(PAGES))('docs/reference/%s is what would be generated', (name) => {
  expect(written(name)).toBe(PAGES[name]?.());
});

test('each error code is documented, and nothing else', () => {
  expect(named(written('errors.md'))).toEqual(Object.keys(ERROR_CATALOGUE));
});

test('each event type is documented, with a code of its own', () => {
  expect(named(written('events.md'))).toEqual(Object.keys(EVENT_CATALOGUE));
  const codes = Object.values(EVENT_CATALOGUE).map((entry) => entry.code);
  expect(new Set(codes).size).toBe(codes.length);
  expect(codes.every((code) => /^PC[1-9]\d{3}$/.test(code))).toBe(true);
});

test('each configuration key is documented', () => {
  const keys = named(written('config.md'));
  expect(CONFIG_KEYS.filter(({ path }) => !keys.includes(path))).toEqual([]);
});

test('each operation and each command is documented', () => {
  const [api, cli] = [written('api.md'), written('cli.md')];
  expect(Object.keys(ROUTES).filter((id) => !api.includes(`Operation \`${id}\``))).toEqual([]);
  expect(COMMANDS.filter(({ path }) => !cli.includes(`### \`portcullis ${path.join(' ')}`))).toEqual([]);
});

test('error help and event summaries are sentences', () => {
  const texts = [
    ...Object.values(ERROR_CATALOGUE).map((entry) => entry.help),
    ...Object.values(EVENT_CATALOGUE).map((entry) => entry.summary),
  ];
  expect(texts.filter((text) => !/^[A-Z].*\.$/.test(text))).toEqual([]);
});
