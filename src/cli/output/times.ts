import { PortcullisError } from '#contract/errors.ts';
import { parseDuration } from '#lib/time.ts';

/** Local time as people write it, e.g. `2026-11-22 14:03:09`. */
export function timeText(ms: number | null | undefined): string {
  if (ms === null || ms === undefined) return '-';
  const date = new Date(ms);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** Reads `15m` (that long ago), a date, a date and time, or epoch milliseconds. */
export function readPast(text: string, option: string, now: number): number {
  const ago = parseDuration(text);
  if (ago !== undefined) return now - ago;
  return readMoment(text, option);
}

/** Reads `90d` (from now), a date, a date and time, or epoch milliseconds. */
export function readFuture(text: string, option: string, now: number): number {
  const ahead = parseDuration(text);
  if (ahead !== undefined) return now + ahead;
  return readMoment(text, option);
}

function readMoment(text: string, option: string): number {
  if (/^\d{10,14}$/.test(text)) return Number(text);
  // A date alone, and a time without a zone, are meant as the clock on the wall says.
  const isDate = /^\d{4}-\d{2}-\d{2}$/.test(text);
  const ms = /^\d{4}-\d{2}-\d{2}([T ][\d:.]+(Z|[+-]\d{2}:?\d{2})?)?$/.test(text)
    ? Date.parse(isDate ? `${text}T00:00:00` : text.replace(' ', 'T'))
    : Number.NaN;
  if (Number.isNaN(ms))
    throw new PortcullisError(
      'E_USAGE',
      `${option} ${text} is no time. Write 15m, 24h, 7d, 2026-11-22 or 2026-11-22T14:00.`,
    );
  return ms;
}
