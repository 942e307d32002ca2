import type { EventType } from '#contract/event-catalogue.ts';
import type { EventRecord } from '#contract/event.ts';
import type { PlacedEvent } from '#stream/stream.ts';

export interface ArchiveQuery {
  /** Words, all of which must occur; how they are read is said at `parseSearchText`. */
  readonly text?: string;
  /** Compared without case, as is `asset`. */
  readonly user?: string;
  /** Event type, or a prefix ending in `.*`. */
  readonly type?: string;
  /** One of these event types. */
  readonly types?: readonly EventType[];
  /** Event types that are in the way of whoever looks for something. */
  readonly exceptTypes?: readonly string[];
  readonly session?: string;
  readonly asset?: string;
  readonly address?: string;
  /** One event alone. An id says nothing of where it lies, so this reads the ids of the whole time asked for. */
  readonly id?: string;
  /** Whose events: `gateway`, or the name of a foreign bastion. */
  readonly realm?: string;
  /** Included; `untilMs` is not. */
  readonly sinceMs?: number;
  readonly untilMs?: number;
  /** At most 10,000. */
  readonly limit: number;
}

export interface SessionCountQuery {
  /** At most 1,000 ids. */
  readonly sessions: readonly string[];
  readonly types: readonly EventType[];
  /** Before this none of the sessions had begun. */
  readonly sinceMs: number;
}

export interface ArchiveStatus {
  readonly ready: boolean;
  readonly detail: string;
  /** Stream position up to which everything is searchable. */
  readonly position: number;
}

/** The searchable store of every event. Newest first. */
export interface Archive extends AsyncDisposable {
  search(query: ArchiveQuery, signal?: AbortSignal): Promise<readonly EventRecord[]>;
  /** How many events each session has, by session id. A session without any is left out. */
  countBySession(query: SessionCountQuery, signal?: AbortSignal): Promise<ReadonlyMap<string, number>>;
  status(): Promise<ArchiveStatus>;
}

export interface HistoryRequest {
  /** All of them when absent or empty. */
  readonly types?: readonly EventType[];
  readonly afterPosition: number;
  /** Included. */
  readonly upToPosition?: number;
}

/** The archive read in the order of the stream, with positions: a rule added today sees what came before it. */
export interface ArchiveHistory {
  readHistory(request: HistoryRequest, signal?: AbortSignal): AsyncIterable<readonly PlacedEvent[]>;
}
