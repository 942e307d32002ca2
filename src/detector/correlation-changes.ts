import type { EventRecord } from '#contract/event.ts';
import type { CountedEntry } from '#domain/detection/window.ts';
import type { CorrelationEntryRow, EvidenceRow } from '#state/schema.ts';
import type { StateTransaction } from '#state/state.ts';
import type { KeyMemory, OffenseMemory } from './correlation-facts.ts';

/** Rows per statement: well below the number of parameters either engine takes. */
const ROWS_PER_INSERT = 500;
/** Events kept as evidence of one episode; the rest is in the archive. */
export const EVIDENCE_PER_EPISODE = 500;

/** Collects what a batch changes, to be written with few statements. */
export class CorrelationChanges {
  readonly #added = new Map<KeyMemory, CountedEntry[]>();
  readonly #fired = new Map<KeyMemory, { readonly position: number; readonly episode: number }>();
  readonly #evidence: EvidenceRow[] = [];
  readonly #touched = new Map<OffenseMemory, number>();

  keep(key: KeyMemory, entry: CountedEntry): void {
    key.entries.push(entry);
    const list = this.#added.get(key) ?? [];
    list.push(entry);
    this.#added.set(key, list);
  }

  /** The rule fired for the key: what was counted so far has done its work. */
  fired(key: KeyMemory, position: number, episode: number): void {
    key.entries = [];
    key.firedPosition = position;
    this.#added.delete(key);
    this.#fired.set(key, { position, episode });
  }

  /** Returns false when the episode holds as many events as it may. */
  attach(
    offense: OffenseMemory,
    episode: number,
    ruleId: string,
    position: number,
    timeMs: number,
    event: EventRecord,
  ): boolean {
    offense.lastEventMs = Math.max(offense.lastEventMs, timeMs);
    this.#touched.set(offense, episode);
    if (offense.evidenceCount >= EVIDENCE_PER_EPISODE) return false;
    offense.evidenceCount += 1;
    this.#evidence.push({
      offenseId: offense.id,
      episode,
      eventId: event.id,
      position,
      time: timeMs,
      ruleId,
      event: JSON.stringify(event),
    });
    return true;
  }

  async write(tx: StateTransaction): Promise<void> {
    for (const [{ rule, key }, { position, episode }] of this.#fired) {
      await tx
        .deleteFrom('correlation_entries')
        .where('ruleId', '=', rule.id)
        .where('key', '=', key)
        .where('position', '<=', position)
        .execute();
      await tx
        .insertInto('correlation_cuts')
        .values({ ruleId: rule.id, key, position, episode })
        .onConflict((conflict) => conflict.columns(['ruleId', 'key']).doUpdateSet({ position, episode }))
        .execute();
    }
    const entries = [...this.#added].flatMap(([{ rule, key }, list]) =>
      list.map((entry): CorrelationEntryRow => ({
        ruleId: rule.id,
        key,
        eventId: entry.eventId,
        position: entry.position,
        time: entry.timeMs,
        label: entry.label,
        value: entry.value,
      })),
    );
    for (const rows of chunks(entries))
      await tx
        .insertInto('correlation_entries')
        .values(rows)
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    for (const rows of chunks(this.#evidence))
      await tx
        .insertInto('evidence')
        .values(rows)
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    for (const [offense, episode] of this.#touched)
      await tx
        .updateTable('episodes')
        .set({ lastEventAt: offense.lastEventMs })
        .where('offenseId', '=', offense.id)
        .where('episode', '=', episode)
        .execute();
  }
}

function chunks<T>(rows: readonly T[]): readonly (readonly T[])[] {
  const result: (readonly T[])[] = [];
  for (let start = 0; start < rows.length; start += ROWS_PER_INSERT)
    result.push(rows.slice(start, start + ROWS_PER_INSERT));
  return result;
}
