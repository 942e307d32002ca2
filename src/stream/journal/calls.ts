import type { PackedEvents } from './packed-events.ts';

export interface JournalPage {
  readonly positions: readonly number[];
  /** JSON text of each event. */
  readonly events: readonly string[];
  /** The last position ever given; 0 when nothing was published. */
  readonly head: number;
}

/** What the storage worker answers about the stream. */
export type JournalCalls = {
  /**
   * Resolves when the events are synced to the disk, with the position of the first: the others follow it one by one.
   * 0 when some were there already.
   */
  readonly journalPublish: (events: PackedEvents) => Promise<number>;
  readonly journalRead: (after: number, limit: number) => JournalPage;
  readonly journalHead: () => number;
  readonly journalTrim: (upTo: number) => Promise<void>;
};

/** Sent to every port after each commit, with the new head. */
export const APPENDED_NOTICE = 'journalAppended';
