import type { EventRecord } from '#contract/event.ts';

/** One event with its place in the stream. Positions grow without meaning in their gaps. */
export interface PlacedEvent {
  readonly position: number;
  readonly event: EventRecord;
}

export interface StreamEntry extends PlacedEvent {
  /** The event as it is stored, JSON text: whoever stores it again need not write it anew. */
  readonly json: string;
}

/**
 * The durable event stream. `publish` resolves when the events are on disk; an event whose id is already
 * stored is accepted and not stored again.
 */
export interface Stream extends AsyncDisposable {
  publish(events: readonly EventRecord[]): Promise<void>;
  /** Entries after the position, oldest first. Waits until there is at least one, or the signal aborts (then []). */
  read(after: number, limit: number, signal: AbortSignal): Promise<readonly StreamEntry[]>;
  /** The last position stored; 0 when empty. */
  head(): Promise<number>;
  /** Deletes entries up to the position, which every consumer has passed. */
  trim(upTo: number): Promise<void>;
}
