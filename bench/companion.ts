import { setTimeout as delay } from 'node:timers/promises';
import {
  addSession,
  addUser,
  REALM,
  startCompanion,
  type CompanionBed,
} from '../test/connectors/companion-bed.ts';
import { median, percentile, type BenchResult } from './result.ts';

const PEOPLE = 100;
const SESSIONS_EACH = 3;
const LOOK_MS = 10;

/**
 * From the decision to the proof at a foreign bastion: disabled, read back, sessions ended, listed until none is left,
 * and looked at again. The bastion is a JumpServer of version 4 in the same process that ends sessions some time after
 * it was asked to. The second look comes 100 ms after the first instead of ten seconds.
 */
export async function run(): Promise<readonly BenchResult[]> {
  await using bed = await startCompanion({ loop: { lockoutsPer10Minutes: PEOPLE + 1 } });
  const contained: number[] = [];
  const verified: number[] = [];
  for (let index = 0; index < PEOPLE; index += 1) {
    const person = addUser(bed.standIn.model, { username: `person${index}` });
    const [session] = Array.from({ length: SESSIONS_EACH }, () => addSession(bed.standIn.model, person));
    if (session === undefined) throw new Error('nobody is there');
    await bed.denyThere(person, 3, session);
    const times = await timesOf(bed, `${REALM}:${person.username}`);
    contained.push(times.containedMs);
    verified.push(times.verifiedMs);
  }
  const detail = `${PEOPLE} people, ${SESSIONS_EACH} sessions each`;
  return [
    { name: 'decision → contained, median', value: median(contained), unit: 'ms', detail },
    { name: 'decision → verified, median', value: median(verified), unit: 'ms', detail },
    {
      name: 'decision → verified, p99',
      value: percentile(verified, 0.99),
      unit: 'ms',
      detail: 'target 2,000',
    },
  ];
}

async function timesOf(
  { loop }: CompanionBed,
  target: string,
): Promise<{ readonly containedMs: number; readonly verifiedMs: number }> {
  for (;;) {
    const row = await loop.storage.state.reader
      .selectFrom('actions')
      .selectAll()
      .where('action', '=', 'terminate')
      .where('target', '=', target)
      .executeTakeFirst();
    if (row?.state === 'verified') {
      const { containedAt } = JSON.parse(row.result ?? '{}') as { readonly containedAt: number };
      return { containedMs: containedAt - row.plannedAt, verifiedMs: row.updatedAt - row.plannedAt };
    }
    if (row?.state === 'failed') throw new Error(`${target} was not contained`);
    await delay(LOOK_MS);
  }
}
