/** Hour and weekday of a moment, where the rules' author lives. */
export interface LocalTime {
  /** 0 to 23. */
  readonly hour: number;
  /** `monday` to `sunday`. */
  readonly weekday: string;
}

/** Every time zone in use differs from UTC by whole quarters of an hour. */
const QUARTER_MS = 900_000;

/**
 * Reads the clock on the wall of a time zone (IANA name). Calendars are slow to ask, and events come in order
 * of time more or less, so the last quarter of an hour is remembered.
 */
export function localClock(timeZone: string): (epochMs: number) => LocalTime {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hour: '2-digit',
    hourCycle: 'h23',
    weekday: 'long',
  });
  let quarter = Number.NaN;
  let last: LocalTime = { hour: 0, weekday: '' };
  return (epochMs) => {
    const now = Math.floor(epochMs / QUARTER_MS);
    if (now !== quarter) {
      const parts = new Map(format.formatToParts(epochMs).map(({ type, value }) => [type, value]));
      last = { hour: Number(parts.get('hour')), weekday: (parts.get('weekday') ?? '').toLowerCase() };
      quarter = now;
    }
    return last;
  };
}
