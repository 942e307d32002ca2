import type { EventRecord } from '#contract/event.ts';

export interface ArchiveQuery {
  readonly text?: string;
  readonly user?: string;
  /** Event type, or a prefix ending in `.*`. */
  readonly type?: string;
  readonly session?: string;
  readonly asset?: string;
  readonly address?: string;
  readonly sinceMs?: number;
  readonly untilMs?: number;
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
