import { join } from 'node:path';
import { expect, it } from 'vitest';
import { makeEvent } from '#contract/event.ts';
import { startDetector } from '#detector/detector.ts';
import { loadPlaybooks, loadRules } from '#detector/load-content.ts';
import { newId } from '#lib/ids.ts';
import { createLogger } from '#lib/log.ts';
import type { State } from '#state/state.ts';
import { openStorage } from '../testbed/storage.ts';
import { SHIPPED_RULES } from './loop-bed.ts';

const PEOPLE = 600;
const DENIALS = 3;
const logger = createLogger('silent');

it('what matches in one reading is stored in parts, each with its position; a part that fails is done again alone', async () => {
  await using opened = await openStorage();
  const { storage } = opened;
  const { state, stream } = storage;
  const events = Array.from({ length: PEOPLE * DENIALS }, (_, index) =>
    makeEvent('command.denied', newId(), 1_790_000_000_000 + index, {
      user: `person-${index % PEOPLE}`,
      command: 'su',
    }),
  );
  const change = makeEvent('object.updated', newId(), 1_790_000_000_000, {
    source: 'bastion-1',
    realm: 'bastion-1',
    data: { intake: { confirmed: true, transport: 'tls' } },
  });
  await stream.publish([change, ...events]);
  const head = await stream.head();

  /** Where the detector was when each transaction was stored: behind the part before it. */
  const positions: number[] = [];
  let calls = 0;
  const failing: State = {
    ...state,
    async transact(work) {
      calls += 1;
      if (calls === 3) throw new Error('the third part fails');
      const result = await state.transact(work);
      positions.push(detector.status().position);
      return result;
    },
  };
  const changed: string[] = [];
  const stopping = new AbortController();
  const detector = startDetector({
    state: failing,
    stream,
    rules: await loadRules([SHIPPED_RULES]),
    playbooks: await loadPlaybooks([join(SHIPPED_RULES, '..', 'playbooks')]),
    clock: Date.now,
    logger,
    signal: stopping.signal,
    quietMs: 86_400_000,
    onForeignChange: (realm) => changed.push(realm),
  });
  await expect.poll(() => detector.status().position, { timeout: 30_000 }).toBeGreaterThanOrEqual(head);
  stopping.abort();
  await detector.done;

  // It lay in the first part, and was told although a later one failed.
  expect(changed).toEqual(['bastion-1']);
  const offenses = await state.reader.selectFrom('offenses').select(['entity', 'episode']).execute();
  expect(new Set(offenses.map(({ entity }) => entity)).size).toBe(PEOPLE);
  expect(offenses.every(({ episode }) => episode === 1)).toBe(true);
  const evidence = await state.reader.selectFrom('evidence').select('eventId').execute();
  expect(new Set(evidence.map(({ eventId }) => eventId)).size).toBe(PEOPLE * DENIALS);
  expect(evidence).toHaveLength(PEOPLE * DENIALS);
  // Two parts of the one reading were stored when the third failed, and were not done again.
  const [first, second, afterFailure] = positions;
  expect(first).toBe(0);
  expect(second).toBeGreaterThan(0);
  expect(afterFailure).toBeGreaterThan(second ?? head);
  expect(afterFailure).toBeLessThan(head);
  expect(positions).toEqual(positions.toSorted((left, right) => left - right));
});
