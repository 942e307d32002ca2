import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { makeEvent, type EventRecord } from '#contract/event.ts';
import { createMatcher } from '#domain/detection/matcher.ts';
import { buildRuleSet } from '#domain/detection/rule-set.ts';
import { openStateInThread } from '#state/in-thread.ts';
import type { State } from '#state/state.ts';
import { EVIDENCE_PER_EPISODE } from './correlation-changes.ts';
import { correlate } from './correlation-stage.ts';

let folder = '';
let state: State;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'portcullis-correlate-'));
  state = await openStateInThread(join(folder, 'state.db'));
});
afterEach(async () => {
  await state[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

const DETECTION =
  'title: Base\nname: base\nlogsource: {product: portcullis}\ndetection: {s: {type: command.denied}, condition: s}\n---\n';

/** Judges events one batch after the other and gives what was emitted. */
function judge(correlation: string, mostHeld?: () => number) {
  const text = `${DETECTION}title: Rule\nname: rule\ncorrelation: {rules: [base], group-by: [user], ${correlation}}\n`;
  const match = createMatcher(buildRuleSet([{ path: 'r.yml', text }]));
  let position = 0;
  return async (...batches: readonly (readonly EventRecord[])[]): Promise<readonly EventRecord[]> => {
    const emitted: EventRecord[] = [];
    for (const batch of batches) {
      const matches = batch.flatMap((event) => {
        position += 1;
        return match(event).map((record) => ({ position, record }));
      });
      await state.transact((tx) =>
        correlate(tx, (event) => void emitted.push(event), matches, {
          playbooks: new Map(),
          clock: () => 0,
          readEvent: () => Promise.resolve(undefined),
          ...(mostHeld === undefined ? {} : { mostHeld }),
        }),
      );
    }
    return emitted;
  };
}

let counter = 0;
function denied(timeMs: number, more: Partial<EventRecord> = {}): EventRecord {
  counter += 1;
  return makeEvent('command.denied', `denied-${counter}`, timeMs, { user: 'alice', asset: 'web01', ...more });
}

async function held(): Promise<readonly number[]> {
  const rows = await state.reader
    .selectFrom('correlation_entries')
    .select('time')
    .orderBy('time')
    .orderBy('position')
    .execute();
  return rows.map(({ time }) => time);
}

const types = (events: readonly EventRecord[]): readonly string[] => events.map(({ type }) => type);

describe('what a key holds', () => {
  const values = 'type: value_count, timespan: 10s, condition: {gte: 3, field: asset}';

  test('of one value only the outermost, whether it came in one batch or in many', async () => {
    const run = judge(values);
    await run([denied(0), denied(1), denied(2)], [denied(3)], [denied(4), denied(5)]);
    expect(await held()).toEqual([0, 5]);
    await run([denied(10_001)]);
    expect(await held()).toEqual([0, 5, 10_001]);
  });

  test('in a flood the newest, and the rule says so once an hour', async () => {
    const run = judge('type: event_count, timespan: 1h, condition: {gte: 50}', () => 3);
    const events = await run(
      [denied(1), denied(2), denied(3)],
      [denied(4), denied(5)],
      [denied(0), denied(6)],
      [denied(7, { user: 'bob' })],
    );
    expect(await held()).toEqual([4, 5, 6, 7]);
    expect(new Set(types(events))).toEqual(new Set(['rule.degraded']));
    expect(new Set(events.map(({ id }) => id)).size).toBe(1);
    expect(events[0]).toMatchObject({
      message: 'The rule "Rule" holds too many matches for ["gateway:alice"]; the oldest were dropped.',
      data: { ruleId: 'rule', key: '["gateway:alice"]', reason: 'key-overfull' },
    });
  });

  test('nothing once the rule has fired', async () => {
    const run = judge('type: event_count, timespan: 1h, condition: {gte: 3}');
    const events = await run([denied(1), denied(2, { user: 'bob' })], [denied(3)], [denied(4), denied(5)]);
    expect(types(events)).toEqual(['offense.opened', 'rule.fired']);
    expect(await held()).toEqual([2]);
  });
});

describe('what an episode holds', () => {
  const each = 'type: event_count, timespan: 1s, condition: {gte: 1}';

  test('evidence up to its bound, and the time of the last event all the same', async () => {
    const run = judge(each);
    const many = Array.from({ length: EVIDENCE_PER_EPISODE + 5 }, (_unused, index) => denied(index));
    await run(many.slice(0, 300), many.slice(300), [denied(9_999)]);
    const evidence = await state.reader.selectFrom('evidence').select('eventId').execute();
    expect(evidence).toHaveLength(EVIDENCE_PER_EPISODE);
    expect(await state.reader.selectFrom('episodes').selectAll().execute()).toMatchObject([
      {
        episode: 1,
        evidenceCount: EVIDENCE_PER_EPISODE,
        lastEventAt: 9_999,
        openedPosition: 1,
        endedAt: null,
      },
    ]);
  });

  test('offenses are numbered as they come', async () => {
    const run = judge(each);
    await run([denied(1, { user: 'carol' }), denied(2, { user: 'bob' })], [denied(3)], [denied(4)]);
    const offenses = await state.reader
      .selectFrom('offenses')
      .select(['number', 'entity'])
      .orderBy('number')
      .execute();
    expect(offenses).toEqual([
      { number: 1, entity: 'gateway:carol' },
      { number: 2, entity: 'gateway:bob' },
      { number: 3, entity: 'gateway:alice' },
    ]);
  });
});
