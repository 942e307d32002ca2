export interface PauseBounds {
  readonly firstMs: number;
  readonly longestMs: number;
}

/** How long to wait after so many attempts (1 for the first): twice as long each time, up to a bound. */
export function growingPauseMs(attempts: number, { firstMs, longestMs }: PauseBounds): number {
  return Math.min(firstMs * 2 ** (attempts - 1), longestMs);
}
