import type { EventRecord } from '#contract/event.ts';
import type { Threshold } from '#domain/detection/firing-rule.ts';
import type { CountedEntry } from '#domain/detection/window.ts';
import type { CorrelationEntryRow, EvidenceRow } from '#state/schema.ts';
import type { StateTransaction } from '#state/state.ts';
import type { Statements } from '#state/statements.ts';
import type { KeyMemory, OffenseMemory } from './correlation-facts.ts';

/** Rows per statement: well below the number of parameters either engine takes. */
const ROWS_PER_INSERT = 500;
/** Events kept as evidence of one episode; the rest is in the archive. */
export const EVIDENCE_PER_EPISODE = 500;

/** Collects what a batch changes, to be written with few statements. */
export class CorrelationChanges {
  readonly #added = new Map<KeyMemory, Set<CountedEntry>>();
  readonly #dropped = new Map<KeyMemory, CountedEntry[]>();
  readonly #fired = new Map<KeyMemory, { readonly position: number; readonly episode: number }>();
  readonly #evidence: EvidenceRow[] = [];
  readonly #touched = new Map<OffenseMemory, number>();

  /** Keys of which entries were dropped that might have counted. */
  readonly overfull = new Set<KeyMemory>();
  readonly #mostHeld: (threshold: Threshold) => number;

  constructor(mostHeld: (threshold: Threshold) => number) {
    this.#mostHeld = mostHeld;
  }

  keep(key: KeyMemory, entry: CountedEntry): void {
    key.entries.push(entry);
    const added = this.#added.get(key) ?? new Set();
    added.add(entry);
    this.#added.set(key, added);
    if (key.entries.length <= this.#mostHeld(key.rule.threshold)) return;
    const [first = entry, ...rest] = key.entries;
    this.overfull.add(key);
    this.drop(key, [rest.reduce((oldest, one) => (one.timeMs < oldest.timeMs ? one : oldest), first)]);
  }

  drop(key: KeyMemory, entries: readonly CountedEntry[]): void {
    if (entries.length === 0) return;
    key.entries = key.entries.filter((one) => !entries.includes(one));
    // What this batch brought was never stored.
    const stored = entries.filter((one) => this.#added.get(key)?.delete(one) !== true);
    this.#dropped.set(key, [...(this.#dropped.get(key) ?? []), ...stored]);
  }

  /** The rule fired for the key: what was counted so far has done its work. */
  fired(key: KeyMemory, position: number, episode: number): void {
    key.entries = [];
    key.firedPosition = position;
    this.#added.delete(key);
    this.#dropped.delete(key);
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

  write(tx: StateTransaction, statements: Statements): void {
    this.#writeFired(tx, statements);
    this.#writeDropped(tx, statements);
    const entries = [...this.#added].flatMap(([{ rule, key }, list]) =>
      [...list].map((entry): CorrelationEntryRow => ({
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
      statements.add(
        tx
          .insertInto('correlation_entries')
          .values(rows)
          .onConflict((conflict) => conflict.doNothing()),
      );
    for (const rows of chunks(this.#evidence))
      statements.add(
        tx
          .insertInto('evidence')
          .values(rows)
          .onConflict((conflict) => conflict.doNothing()),
      );
    for (const rows of chunks([...this.#touched]))
      statements.add(
        tx
          .insertInto('episodes')
          .values(
            rows.map(([{ id, latest, lastEventMs, evidenceCount }, episode]) => ({
              offenseId: id,
              episode,
              lastEventAt: lastEventMs,
              evidenceCount,
              // Every one of them is there already: an update of many rows in one statement of both engines.
              openedAt: 0,
              openedPosition: latest?.openedPosition ?? 0,
              endedAt: null,
              endPosition: null,
              endReason: null,
            })),
          )
          .onConflict((conflict) =>
            conflict.columns(['offenseId', 'episode']).doUpdateSet((eb) => ({
              lastEventAt: eb.ref('excluded.lastEventAt'),
              evidenceCount: eb.ref('excluded.evidenceCount'),
            })),
          ),
      );
  }

  #writeDropped(tx: StateTransaction, statements: Statements): void {
    const dropped = [...this.#dropped].flatMap(([key, entries]) => entries.map((entry) => ({ key, entry })));
    const alike = Map.groupBy(dropped, ({ key, entry }) => `${key.rule.id}\n${entry.label}`);
    for (const group of alike.values())
      for (const rows of chunks(group)) {
        const [first] = rows;
        if (first === undefined) continue;
        statements.add(
          tx
            .deleteFrom('correlation_entries')
            .where('ruleId', '=', first.key.rule.id)
            .where('label', '=', first.entry.label)
            .where('key', 'in', [...new Set(rows.map(({ key }) => key.key))])
            .where(
              'eventId',
              'in',
              rows.map(({ entry }) => entry.eventId),
            ),
        );
      }
  }

  #writeFired(tx: StateTransaction, statements: Statements): void {
    for (const [rule, fired] of Map.groupBy(this.#fired, ([key]) => key.rule))
      for (const rows of chunks(fired)) {
        // What is stored lies before this batch, and so before the fire.
        statements.add(
          tx
            .deleteFrom('correlation_entries')
            .where('ruleId', '=', rule.id)
            .where(
              'key',
              'in',
              rows.map(([{ key }]) => key),
            ),
        );
        statements.add(
          tx
            .insertInto('correlation_cuts')
            .values(
              rows.map(([{ key }, { position, episode }]) => ({ ruleId: rule.id, key, position, episode })),
            )
            .onConflict((conflict) =>
              conflict.columns(['ruleId', 'key']).doUpdateSet((eb) => ({
                position: eb.ref('excluded.position'),
                episode: eb.ref('excluded.episode'),
              })),
            ),
        );
      }
  }
}

function chunks<T>(rows: readonly T[]): readonly (readonly T[])[] {
  const result: (readonly T[])[] = [];
  for (let start = 0; start < rows.length; start += ROWS_PER_INSERT)
    result.push(rows.slice(start, start + ROWS_PER_INSERT));
  return result;
}
