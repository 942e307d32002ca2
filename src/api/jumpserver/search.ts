import type { ArchiveQuery } from '#archive/archive.ts';

/** What every list of events can be asked for. Times are epoch milliseconds. */
export interface CommonQuery {
  readonly id?: string | undefined;
  readonly order?: string | undefined;
  readonly date_from?: number | undefined;
  readonly date_to?: number | undefined;
}

/** A span of time in epoch milliseconds: `sinceMs` is included, `untilMs` is not. */
export interface Span {
  readonly sinceMs?: number;
  readonly untilMs?: number;
}

/** What was asked for, to the second; the last second counts as well. */
export function spanOf({ date_from: from, date_to: to }: CommonQuery): Span {
  return {
    ...(from === undefined ? {} : { sinceMs: from }),
    ...(to === undefined ? {} : { untilMs: to + 1000 }),
  };
}

/** What of it the archive can be asked itself. */
export function searchOf(query: CommonQuery): Partial<ArchiveQuery> {
  return { ...(query.id === undefined ? {} : { id: query.id }), ...spanOf(query) };
}
