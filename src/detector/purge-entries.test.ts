import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { EventRecord } from '#contract/event.ts';
import { buildRuleSet } from '#domain/detection/rule-set.ts';
import { openStateInThread } from '#state/in-thread.ts';
import type { State } from '#state/state.ts';
import { purgeEntries } from './purge-entries.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const NOW_MS = 100 * DAY_MS;
const { rules } = buildRuleSet([
  {
    path: 'r.yml',
    text: `title: Base\nname: base\nlogsource: {product: portcullis}\ndetection: {s: {type: command.denied}, condition: s}\n---\ntitle: Slow\nname: slow\ncorrelation: {type: event_count, rules: [base], group-by: [user], timespan: 2h, condition: {gte: 3}}\n`,
  },
]);

let folder = '';
let state: State;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'portcullis-purge-'));
  state = await openStateInThread(join(folder, 'state.db'));
});
afterEach(async () => {
  await state[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

async function keep(ruleId: string, ...ages: readonly number[]): Promise<void> {
  await state.transact(async (tx) => {
    for (const [index, age] of ages.entries())
      await tx
        .insertInto('correlation_entries')
        .values({
          ruleId,
          key: 'k',
          eventId: `${ruleId}-${index}`,
          position: index + 1,
          time: NOW_MS - age,
          label: '',
          value: null,
        })
        .execute();
  });
}

async function purge(limit?: number): Promise<readonly EventRecord[]> {
  const events: EventRecord[] = [];
  await state.transact((tx) =>
    purgeEntries(tx, (event) => void events.push(event), { position: 50, timeMs: NOW_MS }, rules, limit),
  );
  return events;
}

async function agesOf(ruleId: string): Promise<readonly number[]> {
  const rows = await state.reader
    .selectFrom('correlation_entries')
    .select('time')
    .where('ruleId', '=', ruleId)
    .orderBy('time', 'desc')
    .execute();
  return rows.map(({ time }) => NOW_MS - time);
}

test('what no window can reach goes: the timespan, a day of lateness, and a minute', async () => {
  const last = 2 * HOUR_MS + DAY_MS + 60_000;
  await keep('slow', 0, HOUR_MS, last, last + 1);
  expect(await purge()).toEqual([]);
  expect(await agesOf('slow')).toEqual([0, HOUR_MS, last]);
});

test('entries of a rule that is gone stay for a week, in case it comes back', async () => {
  await keep('gone', 7 * DAY_MS, 7 * DAY_MS + 1);
  await purge();
  expect(await agesOf('gone')).toEqual([7 * DAY_MS]);
});

test('a rule that holds too many drops the oldest, and says so', async () => {
  await keep('slow', 1, 2, 3, 4, 5);
  expect(await purge(5)).toEqual([]);
  const [event, ...others] = await purge(3);
  expect(others).toEqual([]);
  expect(event).toMatchObject({
    type: 'rule.degraded',
    data: { ruleId: 'slow', held: 5, limit: 3, reason: 'evicted' },
  });
  expect(await agesOf('slow')).toEqual([1, 2, 3]);
});

test('that a rule has fired is forgotten when no episode can hold what comes', async () => {
  const cut = (key: string, position: number) => ({ ruleId: 'slow', key, position, episode: 1 });
  await state.transact(async (tx) => {
    const offense = {
      ruleFamily: 'slow',
      ruleId: 'slow',
      title: 'Slow',
      severity: 'high' as const,
      status: 'open' as const,
      verdict: null,
      assignee: null,
      episode: 1,
      openedAt: 0,
      updatedAt: 0,
      closedAt: null,
    };
    const episode = {
      episode: 1,
      openedAt: 0,
      lastEventAt: 0,
      evidenceCount: 0,
      endedAt: null,
      endReason: null,
    };
    for (const [number, openedPosition, endPosition] of [
      [1, 10, 20],
      [2, 30, 60],
      [3, 40, null],
    ] as const) {
      await tx
        .insertInto('offenses')
        .values({ ...offense, id: `o${number}`, number, entity: `e${number}` })
        .execute();
      await tx
        .insertInto('episodes')
        .values({ ...episode, offenseId: `o${number}`, openedPosition, endPosition })
        .execute();
    }
    await tx
      .insertInto('correlation_cuts')
      .values([cut('over', 15), cut('not all read', 30), cut('open', 45)])
      .execute();
  });
  await purge();
  const rows = await state.reader.selectFrom('correlation_cuts').select('key').orderBy('position').execute();
  expect(rows.map(({ key }) => key)).toEqual(['not all read', 'open']);
});
