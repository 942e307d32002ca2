import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { correlate } from '#detector/correlation-stage.ts';
import type { PlacedMatch } from '#detector/correlation-facts.ts';
import { createMatcher } from '#domain/detection/matcher.ts';
import { buildRuleSet } from '#domain/detection/rule-set.ts';
import { endEpisode } from '#state/episode-writer.ts';
import { openStateInThread } from '#state/in-thread.ts';
import type { State } from '#state/state.ts';
import { stateBackends } from '../state/backends.ts';
import { tempFolder } from '../testbed/temp-folder.ts';
import { runSeed, seeded } from '../testbed/seeds.ts';
import { oracleFires, type OracleStep } from './detection-oracle.ts';
import { rules, ruleText, segments, toEvent } from './random-rules.ts';

const FACTOR = process.env['SOAK'] === '1' ? 20 : 1;
const { backends, close: closeBackends } = await stateBackends();
afterAll(closeBackends);

/** The engine that is quick to open tries most; each of the others shows that it does the same. */
const engines: readonly (readonly [string, number, () => Promise<OpenState>])[] = [
  ['SQLite on this thread', 60 * FACTOR, openInThread],
  ...backends.map((one) => [one.name, 10 * FACTOR, () => one.open()] as const),
];

type OpenState = AsyncDisposable & { readonly state: State };

async function openInThread(): Promise<OpenState> {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await tempFolder());
  const state = stack.use(await openStateInThread(join(folder.path, 'state.db')));
  const owned = stack.move();
  return { state, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

const seed = runSeed('detection oracle on a database');

/** Ends what is open for the entity, as a person does. */
async function close(state: State, entity: string, position: number): Promise<void> {
  await state.transact(async (tx, emit) => {
    const open = await tx
      .selectFrom('offenses')
      .innerJoin('episodes', 'episodes.offenseId', 'offenses.id')
      .select(['offenses.id', 'offenses.ruleId', 'offenses.title', 'episodes.episode'])
      .where('offenses.entity', '=', entity)
      .where('episodes.endedAt', 'is', null)
      .execute();
    for (const { id, ruleId, title, episode } of open)
      await endEpisode(tx, emit, {
        offenseId: id,
        episode,
        ruleId,
        entity,
        title,
        reason: 'closed',
        by: 'carol',
        position,
        timeMs: 0,
        text: 'closed',
      });
  });
}

describe.each(engines)('kept in %s and read in batches of any size', (_name, count, open) => {
  test('the fires are those of the exhaustive search', async () => {
    const random = seeded(seed);
    let fired = 0;
    const drawn = fc.sample(fc.tuple(rules, segments), { numRuns: count, seed });
    for (const [drawnRules, drawnSegments] of drawn) {
      await using opened = await open();
      const { state } = opened;
      const match = createMatcher(
        buildRuleSet(drawnRules.map((one) => ({ path: `${one.id}.yml`, text: ruleText(one) }))),
      );
      const steps: OracleStep[] = [];
      let batch: PlacedMatch[] = [];
      const flush = async (): Promise<void> => {
        const matches = batch;
        batch = [];
        await state.transact((tx, emit) =>
          correlate(tx, emit, matches, {
            playbooks: new Map(),
            clock: () => 0,
            readEvent: () => Promise.resolve(undefined),
          }),
        );
      };
      let position = 0;
      for (const [s, { events, close: entity }] of drawnSegments.entries()) {
        for (const [e, one] of events.entries()) {
          const event = toEvent(one, `event-${s}-${e}`);
          position += 1;
          steps.push({ position, event });
          for (const record of match(event)) batch.push({ position, record });
          if (random() < 0.3) await flush();
        }
        await flush();
        position += 1;
        steps.push({ position, close: entity });
        await close(state, entity, position);
      }
      const rows = await state.reader.selectFrom('event_outbox').select('event').execute();
      const found = rows.flatMap(({ event }) => {
        const { type, data } = JSON.parse(event) as {
          readonly type: string;
          readonly data: { readonly ruleId: string; readonly key: string; readonly episode: number };
        };
        return type === 'rule.fired' ? [`${data.ruleId} ${data.key} ${data.episode}`] : [];
      });
      const expected = [...oracleFires(drawnRules, steps)];
      expect(found.sort()).toEqual(expected.sort());
      fired += expected.length;
    }
    expect(fired).toBeGreaterThan(count / 4);
  }, 600_000);
});
