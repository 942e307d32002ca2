import type { CompiledEvent, CompiledType } from './compile-type.ts';
import { draftEvent, type EventDraft } from './build-event.ts';
import { eventMisfit, takes, unwrap } from './choose-event.ts';
import type { SyslogMessage } from '../syslog/message.ts';
import type { LineOrigin } from './line-origin.ts';
import { LineView } from './line-view.ts';
import type { LogSourceTypes } from './log-source-types.ts';

/** What a line is: an event, or nothing that can be read, with the reason. */
export type Reading =
  | { readonly kind: 'event'; readonly type: CompiledType; readonly draft: EventDraft }
  | {
      readonly kind: 'raw';
      readonly reason: string;
      readonly type: CompiledType | undefined;
      readonly event: CompiledEvent | undefined;
    };

/** Reads a line with the first type that takes it, and in that with the first event that fits. */
export function readLine(types: LogSourceTypes, line: SyslogMessage, origin: LineOrigin): Reading {
  const outer = new LineView(line);
  for (const type of types.candidates(outer.appKey)) {
    const { view, count } = unwrap(type, outer);
    if (!takes(type, view)) continue;
    view.values = [];
    for (const event of type.events) {
      if (eventMisfit(event, view) !== undefined) continue;
      const { raw, type: eventType } = event.mapping;
      if (raw !== undefined || eventType === undefined)
        return { kind: 'raw', reason: raw ?? 'nothing was read in it', type, event };
      return { kind: 'event', type, draft: draftEvent(eventType, event, view, origin, count) };
    }
    return {
      kind: 'raw',
      reason: `no event of the type ${type.definition.name} fits`,
      type,
      event: undefined,
    };
  }
  return { kind: 'raw', reason: 'no log source type takes the line', type: undefined, event: undefined };
}
