/** A span of time in epoch milliseconds: `sinceMs` is included, `untilMs` is not. */
export interface Span {
  readonly sinceMs?: number | undefined;
  readonly untilMs?: number | undefined;
}

/** What was asked for, to the second; the last second counts as well. */
export function spanOf(query: {
  readonly date_from?: number | undefined;
  readonly date_to?: number | undefined;
}): Span {
  return {
    sinceMs: query.date_from,
    untilMs: query.date_to === undefined ? undefined : query.date_to + 1000,
  };
}
