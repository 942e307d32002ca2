import type { EventType } from '#contract/event-catalogue.ts';
import type { EventRecord } from '#contract/event.ts';
import type { StreamEntry } from '#stream/stream.ts';

export interface ArchiveQuery {
  /** Words, all of which must occur; how they are read is said at `parseSearchText`. */
  readonly text?: string;
  /** Compared without case, as is `asset`. */
  readonly user?: string;
  /** Event type, or a prefix ending in `.*`. */
  readonly type?: string;
  /** Event types that are in the way of whoever looks for something. */
  readonly exceptTypes?: readonly string[];
  readonly session?: string;
  readonly asset?: string;
  readonly address?: string;
  /** Included; `untilMs` is not. */
  readonly sinceMs?: number;
  readonly untilMs?: number;
  /** At most 10,000. */
  readonly limit: number;
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
  readHistory(request: HistoryRequest, signal?: AbortSignal): AsyncIterable<readonly StreamEntry[]>;
}
