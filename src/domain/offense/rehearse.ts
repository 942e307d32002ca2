import type { EventRecord } from '#contract/event.ts';
import type { MatchRecord } from '../detection/match-record.ts';
import { createMatcher } from '../detection/matcher.ts';
import type { RuleSet } from '../detection/rule-set.ts';
import type { CountedEntry } from '../detection/window.ts';
import { advance, isQuiet, type Advance, type EpisodeFacts } from './advance.ts';

export type RehearsalStep =
  | { readonly position: number; readonly event: EventRecord }
  /** A person ends what is open for the entity. */
  | { readonly position: number; readonly close: string };

export interface RehearsedFire {
  readonly ruleId: string;
  readonly key: string;
  readonly entity: string;
  readonly episode: number;
  readonly opens: boolean;
  /** Stream position of the match that crossed. */
  readonly position: number;
}

/** Called for each match, with what followed and how many matches the key held before. */
export type Watch = (step: RehearsalStep, record: MatchRecord, next: Advance, held: number) => void;

interface OffenseMemory {
  latest: EpisodeFacts | null;
  lastEventMs: number;
  readonly entity: string;
}

interface KeyMemory {
  firedPosition: number | null;
  entries: CountedEntry[];
}

/**
 * Runs rules over a list of stream entries in memory, with the same matching and the same life cycle as the
 * detector: for the tests in rule files and for trying a rule on history. Rules that are off run as well. As in
 * the stream, an event whose id was there before is not there again.
 */
export function rehearse(
  rules: RuleSet,
  steps: readonly RehearsalStep[],
  quietMs: number,
  watch?: Watch,
): readonly RehearsedFire[] {
  const match = createMatcher(rules, { withOff: true });
  const seen = new Set<string>();
  const offenses = new Map<string, OffenseMemory>();
  const keys = new Map<string, KeyMemory>();
  const fires: RehearsedFire[] = [];
  const end = (offense: OffenseMemory, position: number): void => {
    if (offense.latest?.endPosition === null) offense.latest = { ...offense.latest, endPosition: position };
  };

  for (const step of steps) {
    if ('close' in step) {
      for (const offense of offenses.values()) if (offense.entity === step.close) end(offense, step.position);
      continue;
    }
    if (seen.has(step.event.id)) continue;
    seen.add(step.event.id);
    if (step.event.type === 'tick') {
      for (const offense of offenses.values())
        if (isQuiet(offense.lastEventMs, step.event.time, quietMs, false)) end(offense, step.position);
      continue;
    }
    for (const record of match(step.event)) {
      const offense = remember(offenses, `${record.family}\n${record.entity}`, () => ({
        latest: null,
        lastEventMs: Number.NEGATIVE_INFINITY,
        entity: record.entity,
      }));
      const key = remember(keys, `${record.rule.id}\n${record.key}`, () => ({
        firedPosition: null,
        entries: [],
      }));
      const entry: CountedEntry = {
        eventId: record.event.id,
        position: step.position,
        timeMs: record.timeMs,
        label: record.label,
        value: record.value,
      };
      const next = advance(record.rule.threshold, offense.latest, key, entry);
      watch?.(step, record, next, key.entries.length);
      if (next.keep) key.entries.push(entry);
      if (next.drop.length > 0) key.entries = key.entries.filter((one) => !next.drop.includes(one));
      if (next.attachTo !== null) offense.lastEventMs = Math.max(offense.lastEventMs, record.timeMs);
      if (next.fire === null) continue;
      key.firedPosition = step.position;
      const { episode, opens } = next.fire;
      if (opens)
        offense.latest = {
          episode,
          openedPosition: step.position,
          endPosition: null,
          previousEndPosition: offense.latest?.endPosition ?? 0,
        };
      fires.push({
        ruleId: record.rule.id,
        key: record.key,
        entity: record.entity,
        episode,
        opens,
        position: step.position,
      });
    }
  }
  return fires;
}

function remember<T>(map: Map<string, T>, key: string, make: () => T): T {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
