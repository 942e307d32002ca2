import type { EventRecord } from '#contract/event.ts';

/**
 * What the detection must find, worked out slowly and obviously: every subset, every window, nothing shared
 * with the engine but the type of an event.
 */
export interface OracleRule {
  readonly id: string;
  readonly kind: 'event_count' | 'value_count' | 'temporal' | 'temporal_ordered';
  /** For counts: the type of event. For temporal: the types in order. */
  readonly types: readonly string[];
  readonly atLeast: number;
  readonly timespanMs: number;
}

export type OracleStep =
  | { readonly position: number; readonly event: EventRecord }
  | { readonly position: number; readonly close: string };

interface Counted {
  readonly event: EventRecord;
}

/** `rule entity episode` for each fire. All rules are of one family, so they share their episodes. */
export function oracleFires(rules: readonly OracleRule[], steps: readonly OracleStep[]): ReadonlySet<string> {
  const fires = new Set<string>();
  const entities = new Set(
    steps.flatMap((step) => ('event' in step && step.event.user !== undefined ? [step.event.user] : [])),
  );
  for (const user of entities) {
    const entity = `gateway:${user}`;
    let episode = 1;
    let pool: Counted[] = [];
    const settle = (): boolean => {
      let any = false;
      for (const rule of rules) {
        if (!crosses(rule, pool)) continue;
        fires.add(`${rule.id} ${entity} ${episode}`);
        any = true;
      }
      return any;
    };
    for (const step of steps) {
      if ('event' in step) {
        if (step.event.user === user) pool.push({ event: step.event });
      } else if (step.close === entity && settle()) {
        episode += 1;
        pool = [];
      }
    }
    settle();
  }
  return fires;
}

function crosses(rule: OracleRule, pool: readonly Counted[]): boolean {
  const relevant = pool.filter(({ event }) => rule.types.includes(event.type));
  if (rule.kind === 'temporal_ordered') return ordered(rule, relevant);
  // Every window that matters begins at some event.
  return relevant.some(({ event: first }) => {
    const inside = relevant.filter(
      ({ event }) => event.time >= first.time && event.time <= first.time + rule.timespanMs,
    );
    switch (rule.kind) {
      case 'event_count':
        return new Set(inside.map(({ event }) => event.id)).size >= rule.atLeast;
      case 'value_count':
        return new Set(inside.flatMap(({ event }) => event.asset ?? [])).size >= rule.atLeast;
      default:
        return rule.types.every((type) => inside.some(({ event }) => event.type === type));
    }
  });
}

/** Tries every choice of one event for each step. */
function ordered(rule: OracleRule, relevant: readonly Counted[]): boolean {
  const choose = (at: number, firstMs: number, lastMs: number): boolean => {
    if (at === rule.types.length) return lastMs - firstMs <= rule.timespanMs;
    return relevant.some(
      ({ event }) =>
        event.type === rule.types[at] &&
        (at === 0 || event.time >= lastMs) &&
        choose(at + 1, at === 0 ? event.time : firstMs, event.time),
    );
  };
  return choose(0, 0, 0);
}
