import type { Transport } from '#contract/event-origin.ts';
import { makeEvent, type EventRecord } from '#contract/event.ts';
import { derivedId } from '#lib/ids.ts';
import { insertLogSource } from '#state/log-sources.ts';
import type { EmitEvent, StateTransaction } from '#state/state.ts';
import type { Source } from './source-table.ts';

/** A source that is not in the list yet. */
export interface Stranger {
  readonly source: Source;
  readonly transport: Transport;
}

/** A list that is full gives away the places of those that were silent for so long. */
const SILENT_MS = 24 * 3_600_000;

/** Lists those for whom there is room, unconfirmed. Ids of those that are listed afterwards. */
export async function storeStrangers(
  tx: StateTransaction,
  emit: EmitEvent,
  strangers: readonly Stranger[],
  maxUnconfirmed: number,
  nowMs: number,
): Promise<ReadonlySet<string>> {
  const listed = new Set<string>();
  if (strangers.length === 0) return listed;
  const ids = strangers.map(({ source }) => source.id);
  const known = await tx.selectFrom('log_sources').select('id').where('id', 'in', ids).execute();
  for (const { id } of known) listed.add(id);
  let room = await makeRoom(tx, strangers.length - known.length, maxUnconfirmed, nowMs);
  for (const { source, transport } of strangers) {
    const { id, name, address, host } = source;
    if (listed.has(id) || room <= 0) continue;
    const lines = { address, host, app: '*' };
    if (!(await insertLogSource(tx, { id, name, realm: name, confirmedBy: null, ...lines }, nowMs))) continue;
    emit(foundEvent(source, transport, nowMs));
    listed.add(id);
    room -= 1;
  }
  return listed;
}

async function makeRoom(
  tx: StateTransaction,
  wanted: number,
  maxUnconfirmed: number,
  nowMs: number,
): Promise<number> {
  const room = await readRoom(tx, maxUnconfirmed);
  if (room >= wanted) return room;
  await tx
    .deleteFrom('log_sources')
    .where('confirmedAt', 'is', null)
    .where((eb) => eb(eb.fn.coalesce('lastAt', 'createdAt'), '<', nowMs - SILENT_MS))
    .execute();
  return readRoom(tx, maxUnconfirmed);
}

async function readRoom(tx: StateTransaction, maxUnconfirmed: number): Promise<number> {
  const { count } = await tx
    .selectFrom('log_sources')
    .select((eb) => eb.fn.countAll<number | string>().as('count'))
    .where('confirmedAt', 'is', null)
    .executeTakeFirstOrThrow();
  return maxUnconfirmed - Number(count);
}

function foundEvent({ id, name, address, host }: Source, transport: Transport, nowMs: number): EventRecord {
  return makeEvent('log_source.found', derivedId('log_source.found', id, nowMs), nowMs, {
    address,
    message: `The log source ${name} was seen for the first time. Nothing acts on its word until somebody confirms it.`,
    data: { name, transport, ...(host === '' ? {} : { hostname: host }) },
  });
}
