import { reachMs, type FiringRule } from '#domain/detection/firing-rule.ts';
import type { MatchRecord } from '#domain/detection/match-record.ts';
import type { CountedEntry } from '#domain/detection/window.ts';
import type { EpisodeFacts } from '#domain/offense/advance.ts';
import { offenseId } from '#domain/offense/identity.ts';
import type { StateTransaction } from '#state/state.ts';

/** Well below the depth of an expression that either engine takes. */
const RULES_PER_QUERY = 100;

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
  const keys = new Map<string, KeyMemory>();
  const ids = new Set(matches.map(({ record }) => offenseId(record.family, record.entity)));
  const byRule = [...Map.groupBy(matches, ({ record }) => record.rule)];
  const reading: Promise<unknown>[] = [];
  for (let start = 0; start < byRule.length; start += RULES_PER_QUERY)
    reading.push(
      loadKeys(
        tx,
        byRule.slice(start, start + RULES_PER_QUERY).map(([rule, placed]) => soughtOf(rule, placed)),
        keys,
      ),
    );
  const [offenses] = await Promise.all([loadOffenses(tx, ids), ...reading]);
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

/** What is looked for of one rule. */
interface Sought {
  readonly rule: FiringRule;
  readonly keys: readonly string[];
  readonly earliestMs: number;
  readonly latestMs: number;
}

/** Of the entries, only those that can cross together with one of the matches: a key may hold a day's worth. */
function soughtOf(rule: FiringRule, matches: readonly PlacedMatch[]): Sought {
  const reach = reachMs(rule.threshold);
  let earliestMs = Number.POSITIVE_INFINITY;
  let latestMs = Number.NEGATIVE_INFINITY;
  for (const { record } of matches) {
    earliestMs = Math.min(earliestMs, record.timeMs - reach);
    latestMs = Math.max(latestMs, record.timeMs + reach);
  }
  return { rule, keys: [...new Set(matches.map(({ record }) => record.key))], earliestMs, latestMs };
}

async function loadKeys(
  tx: StateTransaction,
  sought: readonly Sought[],
  into: Map<string, KeyMemory>,
): Promise<void> {
  for (const { rule, keys } of sought)
    for (const key of keys) into.set(`${rule.id}\n${key}`, { rule, key, firedPosition: null, entries: [] });
  const reading = tx
    .selectFrom('correlation_cuts')
    .select(['ruleId', 'key', 'position'])
    .where((eb) =>
      eb.or(sought.map(({ rule, keys }) => eb.and([eb('ruleId', '=', rule.id), eb('key', 'in', keys)]))),
    )
    .execute();
  const counting = tx
    .selectFrom('correlation_entries')
    .selectAll()
    .where((eb) =>
      eb.or(
        sought.map(({ rule, keys, earliestMs, latestMs }) =>
          eb.and([
            eb('ruleId', '=', rule.id),
            eb('key', 'in', keys),
            eb('time', '>=', earliestMs),
            eb('time', '<=', latestMs),
          ]),
        ),
      ),
    )
    .execute();
  const [fired, entries] = await Promise.all([reading, counting]);
  for (const row of fired) {
    const memory = into.get(`${row.ruleId}\n${row.key}`);
    if (memory !== undefined) memory.firedPosition = row.position;
  }
  for (const row of entries)
    into.get(`${row.ruleId}\n${row.key}`)?.entries.push({
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
