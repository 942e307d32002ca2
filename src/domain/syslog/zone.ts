const MINUTE_MS = 60_000;
const QUARTER_MS = 15 * MINUTE_MS;
const OFFSET = /^([+-])(\d{2}):(\d{2})$/;

/** Wall time in the zone, as if it were UTC, to epoch milliseconds. */
export type LocalToUtc = (localMs: number) => number;

/**
 * Reads `UTC`, `+08:00` or an IANA name (`Europe/Berlin`). Undefined when there is no such zone. A wall time that a
 * change of the clocks skips or repeats gets one of its two readings.
 */
export function createZone(name: string): LocalToUtc | undefined {
  const fixed = OFFSET.exec(name);
  if (fixed !== null) {
    const [, sign, hours, minutes] = fixed;
    const offsetMs = (Number(hours) * 60 + Number(minutes)) * MINUTE_MS * (sign === '-' ? -1 : 1);
    return (localMs) => localMs - offsetMs;
  }
  if (name.toUpperCase() === 'UTC') return (localMs) => localMs;
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      calendar: 'gregory',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch {
    return undefined;
  }
  const offsetAt = cachedOffsets(format);
  return (localMs) => {
    const near = localMs - offsetAt(localMs);
    return localMs - offsetAt(near);
  };
}

/** Offsets change at quarters of an hour, so each quarter is asked for once. */
function cachedOffsets(format: Intl.DateTimeFormat): (utcMs: number) => number {
  const known = new Map<number, number>();
  return (utcMs) => {
    const quarter = Math.floor(utcMs / QUARTER_MS);
    const seen = known.get(quarter);
    if (seen !== undefined) return seen;
    const startMs = quarter * QUARTER_MS;
    const parts = new Map(format.formatToParts(startMs).map(({ type, value }) => [type, Number(value)]));
    const part = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0;
    const wallMs = Date.UTC(
      part('year'),
      part('month') - 1,
      part('day'),
      part('hour'),
      part('minute'),
      part('second'),
    );
    if (known.size >= 1024) known.clear();
    known.set(quarter, wallMs - startMs);
    return wallMs - startMs;
  };
}
