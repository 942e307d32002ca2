import type { EventRecord } from '#contract/event.ts';
import { EventView } from './event-view.ts';
import { readRecord, type MatchRecord } from './match-record.ts';
import { createRouter } from './router.ts';
import type { RuleSet } from './rule-set.ts';

export type MatchEvent = (event: EventRecord) => readonly MatchRecord[];

const NOTHING: readonly MatchRecord[] = [];

export interface MatchOptions {
  /** Rules that are off count as well: for trying them out. */
  readonly withOff?: boolean;
}

/** The match stage: stateless, any event. */
export function createMatcher(rules: RuleSet, { withOff = false }: MatchOptions = {}): MatchEvent {
  const realmSlot = rules.fields.slot('realm');
  const route = createRouter(
    rules.detections.flatMap((detection) => {
      const consumers = detection.consumers.filter(({ rule }) => withOff || rule.mode !== 'off');
      return consumers.length === 0 ? [] : [{ ...detection, consumers }];
    }),
    rules.fields,
  );
  const view = new EventView(rules.fields);
  return (event) => {
    view.load(event);
    let found: MatchRecord[] | undefined;
    route(view, (detection) => {
      if (!detection.node.test(view)) return;
      for (const consumer of detection.consumers) {
        const record = readRecord(consumer, view, realmSlot);
        if (typeof record !== 'string') (found ??= []).push(record);
      }
    });
    return found ?? NOTHING;
  };
}
