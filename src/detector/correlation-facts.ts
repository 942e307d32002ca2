import { reachMs, type FiringRule } from '#domain/detection/firing-rule.ts';
import type { MatchRecord } from '#domain/detection/match-record.ts';
import type { CountedEntry } from '#domain/detection/window.ts';
import type { EpisodeFacts } from '#domain/offense/advance.ts';
import { offenseId } from '#domain/offense/identity.ts';
import type { StateTransaction } from '#state/state.ts';

/** A match with its place in the stream. */
export interface PlacedMatch {
  readonly position: number;
  readonly record: MatchRecord;
}

/** What the database knows about one offense, kept up to date while a batch is worked through. */
export interface OffenseMemory {
  readonly id: string;
  latest: EpisodeFacts | null;
  lastEventMs: number;
  evidenceCount: number;
}

export interface KeyMemory {
  readonly rule: FiringRule;
  readonly key: string;
  firedPosition: number | null;
  entries: CountedEntry[];
}

export interface CorrelationFacts {
  offenseOf(record: MatchRecord): OffenseMemory;
  keyOf(record: MatchRecord): KeyMemory;
}

/**
 * Reads, inside the transaction that will store what follows, everything the matches can touch. Nothing is
 * cached between batches: an episode that somebody ended a moment ago is seen as ended.
 */
export async function loadFacts(
  tx: StateTransaction,
  matches: readonly PlacedMatch[],
): Promise<CorrelationFacts> {
  const offenses = await loadOffenses(
    tx,
    new Set(matches.map(({ record }) => offenseId(record.family, record.entity))),
  );
  const keys = new Map<string, KeyMemory>();
  for (const [rule, ofRule] of Map.groupBy(matches, ({ record }) => record.rule))
    await loadKeys(
      tx,
      rule,
      ofRule.map(({ record }) => record),
      keys,
    );
  return {
    offenseOf: ({ family, entity }) => {
      const id = offenseId(family, entity);
      return remember(offenses, id, () => newOffense(id));
    },
    keyOf: ({ rule, key }) =>
      remember(keys, `${rule.id}\n${key}`, () => ({ rule, key, firedPosition: null, entries: [] })),
  };
}

function newOffense(id: string): OffenseMemory {
  return { id, latest: null, lastEventMs: 0, evidenceCount: 0 };
}

async function loadOffenses(
  tx: StateTransaction,
  ids: ReadonlySet<string>,
): Promise<Map<string, OffenseMemory>> {
  const rows = await tx
    .selectFrom('offenses')
    .innerJoin('episodes', 'episodes.offenseId', 'offenses.id')
    .select([
      'offenses.id',
      'offenses.episode as current',
      'episodes.episode',
      'episodes.openedPosition',
      'episodes.endPosition',
      'episodes.lastEventAt',
      'episodes.evidenceCount',
    ])
    .where('offenses.id', 'in', [...ids])
    .whereRef('episodes.episode', '>=', (eb) => eb('offenses.episode', '-', 1))
    .execute();
  const offenses = new Map<string, OffenseMemory>();
  for (const row of rows) {
    if (row.episode !== row.current) continue;
    const before = rows.find((other) => other.id === row.id && other.episode === row.current - 1);
    offenses.set(row.id, {
      ...newOffense(row.id),
      latest: {
        episode: row.episode,
        openedPosition: row.openedPosition,
        endPosition: row.endPosition,
        previousEndPosition: before?.endPosition ?? 0,
      },
      lastEventMs: row.lastEventAt,
      evidenceCount: row.evidenceCount,
    });
  }
  return offenses;
}

/** Of the entries, only those that can cross together with one of the records: a busy key may hold a day's worth. */
async function loadKeys(
  tx: StateTransaction,
  rule: FiringRule,
  records: readonly MatchRecord[],
  into: Map<string, KeyMemory>,
): Promise<void> {
  const keys = [...new Set(records.map(({ key }) => key))];
  for (const key of keys) into.set(`${rule.id}\n${key}`, { rule, key, firedPosition: null, entries: [] });
  const reach = reachMs(rule.threshold);
  let earliest = Number.POSITIVE_INFINITY;
  let latest = Number.NEGATIVE_INFINITY;
  for (const { timeMs } of records) {
    earliest = Math.min(earliest, timeMs - reach);
    latest = Math.max(latest, timeMs + reach);
  }
  const fired = await tx
    .selectFrom('correlation_cuts')
    .select(['key', 'position'])
    .where('ruleId', '=', rule.id)
    .where('key', 'in', keys)
    .execute();
  for (const row of fired) {
    const memory = into.get(`${rule.id}\n${row.key}`);
    if (memory !== undefined) memory.firedPosition = row.position;
  }
  const entries = await tx
    .selectFrom('correlation_entries')
    .selectAll()
    .where('ruleId', '=', rule.id)
    .where('key', 'in', keys)
    .where('time', '>=', earliest)
    .where('time', '<=', latest)
    .execute();
  for (const row of entries)
    into.get(`${rule.id}\n${row.key}`)?.entries.push({
      eventId: row.eventId,
      position: row.position,
      timeMs: row.time,
      label: row.label,
      value: row.value,
    });
}

function remember<T>(map: Map<string, T>, key: string, make: () => T): T {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
