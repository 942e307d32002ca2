import type { JsonObject } from '#lib/json.ts';
import { EVENT_CATALOGUE, type EventType } from './event-catalogue.ts';
import type { Outcome, Severity } from './severity.ts';

export type { Outcome, Severity };

/**
 * An immutable fact: ours or foreign, one shape for everything. Flat, because rules, search and storage all
 * address these fields by name; what only one type knows is under `data`.
 */
export interface EventRecord {
  /** UUIDv7; derived (UUIDv8) when the event reports a state change, so a retry has the same id. */
  readonly id: string;
  /** When it happened, epoch milliseconds. */
  readonly time: number;
  /** When it reached us, epoch milliseconds. */
  readonly seen: number;
  /** Stable dotted name from the catalogue, e.g. `command.denied`. */
  readonly type: EventType;
  /** Stable code from the catalogue, e.g. `PC3002`; never changes meaning. */
  readonly code: string;
  readonly severity: Severity;
  readonly outcome: Outcome;
  /** Log source: `gateway` for our own, else the name of the foreign source. */
  readonly source: string;
  /** Who is a user of what: `gateway`, or the name of a foreign bastion. Entities are `realm:user`. */
  readonly realm: string;
  /** Who did it, when that is not the user: an administrator's name, or `system`. */
  readonly actor?: string;
  /** The person concerned, by user name. Only ever an authenticated identity, never a name that was typed. */
  readonly user?: string;
  /** Client address and port. */
  readonly address?: string;
  readonly port?: number;
  readonly asset?: string;
  readonly account?: string;
  readonly session?: string;
  readonly channel?: string;
  readonly command?: string;
  readonly offense?: string;
  /** One line for people. */
  readonly message?: string;
  /** The foreign line as it came. */
  readonly raw?: string;
  readonly data: JsonObject;
}

/** What an emitter states; the rest is filled from the catalogue and the clock. */
export type EventFields = Partial<Omit<EventRecord, 'type' | 'code'>>;

/** Completes an event. Pure: id and time come from the caller. */
export function makeEvent(type: EventType, id: string, now: number, fields: EventFields): EventRecord {
  const entry = EVENT_CATALOGUE[type];
  return {
    id,
    time: now,
    seen: now,
    type,
    code: entry.code,
    severity: entry.severity,
    outcome: entry.outcome,
    source: 'gateway',
    realm: 'gateway',
    data: {},
    ...fields,
  };
}
