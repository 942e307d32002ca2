/** Wall clock: milliseconds since the Unix epoch. A parameter everywhere, so that tests own time. */
export type Clock = () => number;

/** Monotonic clock in milliseconds: for leases, limits and latencies; never goes backwards. */
export type MonotonicClock = () => number;

export const systemClock: Clock = () => Date.now();
export const monotonicClock: MonotonicClock = () => performance.now();

const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** Reads `90s`, `15m`, `24h`, `7d`, `250ms`. Returns milliseconds, or undefined when it is not a duration. */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d{1,9})(ms|s|m|h|d)$/.exec(text);
  if (match === null) return undefined;
  const unitMs = UNIT_MS[match[2] ?? ''];
  return unitMs === undefined ? undefined : Number(match[1]) * unitMs;
}

/** Writes a duration as `parseDuration` reads it, in the largest unit that leaves no rest. */
export function formatDuration(durationMs: number): string {
  if (durationMs === 0) return '0s';
  const units = Object.entries(UNIT_MS).toReversed();
  const [name, unitMs] = units.find(([, one]) => durationMs % one === 0) ?? ['ms', 1];
  return `${durationMs / unitMs}${name}`;
}
