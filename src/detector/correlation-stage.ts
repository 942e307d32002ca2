import { makeEvent, type EventRecord } from '#contract/event.ts';
import type { Threshold } from '#domain/detection/firing-rule.ts';
import { mostHeld } from '#domain/detection/thinning.ts';
import type { CountedEntry } from '#domain/detection/window.ts';
import { advance, type FireDecision } from '#domain/offense/advance.ts';
import { derivedId } from '#lib/ids.ts';
import type { EmitEvent, StateTransaction } from '#state/state.ts';
import { withStatements } from '#state/statements.ts';
import { CorrelationChanges, EVIDENCE_PER_EPISODE } from './correlation-changes.ts';
import { loadFacts, type CorrelationFacts, type KeyMemory, type PlacedMatch } from './correlation-facts.ts';
import { currentMailAddress, recordFire, type EvidenceItem, type FireContext } from './record-fire.ts';

export interface CorrelationContext extends FireContext {
  /** The event at a stream position, if the stream still has it. */
  readonly readEvent: (position: number, eventId: string) => Promise<EventRecord | undefined>;
  /** Matches kept of one key; more only in floods. For tests. */
  readonly mostHeld?: (threshold: Threshold) => number;
}

/**
 * The correlation stage for one batch of matches, in stream order, inside the transaction that also moves
 * the position: entries, fires, offenses, evidence, planned actions and their events stand or fall together.
 * @returns how many actions were planned
 */
export async function correlate(
  tx: StateTransaction,
  emit: EmitEvent,
  matches: readonly PlacedMatch[],
  context: CorrelationContext,
): Promise<number> {
  if (matches.length === 0) return 0;
  const facts = await loadFacts(tx, matches);
  const changes = new CorrelationChanges(context.mostHeld ?? mostHeld);
  const events = new Map(matches.map(({ record }) => [record.event.id, record.event]));
  const planned = await withStatements(tx, async (statements) => {
    let count = 0;
    for (const match of matches) {
      const fire = countMatch(match, facts, changes);
      if (fire === null) continue;
      const offense = facts.offenseOf(match.record);
      const [evidence, mailAddress] = await Promise.all([
        loadEvidence(fire, events, context),
        fire.opens ? currentMailAddress(tx, match.record.entity) : null,
      ]);
      const writing = { tx, emit, statements };
      count += recordFire(writing, { match, offense, fire, evidence, mailAddress }, context);
      for (const { entry, event } of evidence)
        changes.attach(offense, fire.episode, match.record.rule.id, entry.position, entry.timeMs, event);
    }
    changes.write(tx, statements);
    return count;
  });
  for (const key of changes.overfull) emit(keyOverfull(key, context.clock()));
  return planned;
}

/** One match: counted, attached, or the one that crosses. */
function countMatch(
  { position, record }: PlacedMatch,
  facts: CorrelationFacts,
  changes: CorrelationChanges,
): FireDecision | null {
  const offense = facts.offenseOf(record);
  const key = facts.keyOf(record);
  const entry: CountedEntry = {
    eventId: record.event.id,
    position,
    timeMs: record.timeMs,
    label: record.label,
    value: record.value,
  };
  const next = advance(record.rule.threshold, offense.latest, key, entry);
  if (next.keep) changes.keep(key, entry);
  changes.drop(key, next.drop);
  if (next.fire === null) {
    if (next.attachTo !== null)
      changes.attach(offense, next.attachTo, record.rule.id, position, record.timeMs, record.event);
    return null;
  }
  changes.fired(key, position, next.fire.episode);
  if (next.fire.opens) {
    offense.latest = {
      episode: next.fire.episode,
      openedPosition: position,
      endPosition: null,
      previousEndPosition: offense.latest?.endPosition ?? 0,
    };
    offense.lastEventMs = 0;
    offense.evidenceCount = 0;
  }
  return next.fire;
}

const HOUR_MS = 3_600_000;

/** Once an hour for each key: a flood must not become a flood of reports. */
function keyOverfull({ rule, key }: KeyMemory, nowMs: number): EventRecord {
  const id = derivedId('rule.degraded', rule.id, key, Math.floor(nowMs / HOUR_MS));
  return makeEvent('rule.degraded', id, nowMs, {
    message: `The rule "${rule.title}" holds too many matches for ${key}; the oldest were dropped.`,
    data: { ruleId: rule.id, key, reason: 'key-overfull' },
  });
}

/** The newest events of the crossing, each as it was. What the stream has lost already is missing. */
async function loadEvidence(
  fire: FireDecision,
  events: ReadonlyMap<string, EventRecord>,
  context: CorrelationContext,
): Promise<readonly EvidenceItem[]> {
  const entries = fire.evidence.slice(-EVIDENCE_PER_EPISODE);
  const items = await Promise.all(
    entries.map(async (entry) => {
      const event = events.get(entry.eventId) ?? (await context.readEvent(entry.position, entry.eventId));
      return event === undefined ? [] : [{ entry, event }];
    }),
  );
  return items.flat();
}
