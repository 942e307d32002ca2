import { expect, test } from 'vitest';
import { checkLogSources } from './check-log-sources.ts';

const DAY_MS = 86_400_000;
const NOW = 10 * DAY_MS;
const source = { name: 'one', confirmedAt: 1, lastAt: NOW - 1000, messages: 100, failures: 10 };
const check = (...sources: Parameters<typeof checkLogSources>[0]): ReturnType<typeof checkLogSources> =>
  checkLogSources(sources, NOW);

test('sources that are known, heard and understood are well, and so are none', () => {
  expect(check()).toMatchObject({ status: 'ok', detail: 'none was seen' });
  expect(check(source)).toMatchObject({ status: 'ok', detail: '1 confirmed, all heard today' });
});

test('a source that sends and was not confirmed is named', () => {
  expect(check(source, { ...source, name: 'two', confirmedAt: null })).toMatchObject({
    status: 'warning',
    detail: 'sent without being confirmed: two',
  });
  const gone = { ...source, confirmedAt: null, lastAt: NOW - DAY_MS };
  expect(check(gone)).toMatchObject({ status: 'ok' });
});

test('a confirmed source that fell silent is named, also when it never spoke', () => {
  expect(check({ ...source, lastAt: NOW - DAY_MS })).toMatchObject({ detail: 'silent for a day: one' });
  expect(check({ ...source, lastAt: null })).toMatchObject({ detail: 'silent for a day: one' });
});

test('a source of which more than a tenth cannot be read is named', () => {
  expect(check({ ...source, failures: 11 })).toMatchObject({ detail: 'hardly understood: one' });
  expect(check({ ...source, messages: 19, failures: 19 })).toMatchObject({ status: 'ok' });
});

test('many are counted, and everything is told at once', () => {
  const strangers = Array.from({ length: 7 }, (_, index) => ({
    ...source,
    name: `s${index}`,
    confirmedAt: null,
  }));
  expect(check(...strangers, { ...source, lastAt: null })).toMatchObject({
    status: 'warning',
    detail: 'sent without being confirmed: s0, s1, s2, s3, s4 and 2 more; silent for a day: one',
  });
});
