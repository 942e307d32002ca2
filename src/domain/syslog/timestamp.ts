import type { LocalToUtc } from './zone.ts';

export interface Timestamp {
  /** Null when the header says a date that does not exist. */
  readonly timeMs: number | null;
  readonly yearGuessed: boolean;
  readonly zoneGuessed: boolean;
  /** Where it ends in the text. */
  readonly end: number;
}

const ZERO = 48;
const COLON = 58;
const SPACE = 32;
const MONTHS = 'janfebmaraprmayjunjulaugsepoctnovdec';
const MAX_FRACTION_DIGITS = 9;

/** Two digits as a number, or -1. */
function twoDigits(text: string, at: number): number {
  const high = text.charCodeAt(at) - ZERO;
  const low = text.charCodeAt(at + 1) - ZERO;
  return high >= 0 && high <= 9 && low >= 0 && low <= 9 ? high * 10 + low : -1;
}

function fourDigits(text: string, at: number): number {
  const high = twoDigits(text, at);
  const low = twoDigits(text, at + 2);
  return high < 0 || low < 0 ? -1 : high * 100 + low;
}

function isDigit(code: number): boolean {
  return code >= ZERO && code <= 57;
}

interface ClockTime {
  readonly dayMs: number;
  readonly end: number;
}

/** `hh:mm:ss` with a fraction behind `.` or `,`. A leap second counts as the one after it. */
function readClock(text: string, at: number): ClockTime | undefined {
  const hours = twoDigits(text, at);
  const minutes = twoDigits(text, at + 3);
  const seconds = twoDigits(text, at + 6);
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59 || seconds < 0 || seconds > 60) return undefined;
  if (text.charCodeAt(at + 2) !== COLON || text.charCodeAt(at + 5) !== COLON) return undefined;
  let end = at + 8;
  let fractionMs = 0;
  const mark = text.charCodeAt(end);
  if ((mark === 46 || mark === 44) && isDigit(text.charCodeAt(end + 1))) {
    end += 1;
    let scale = 100;
    const limit = end + MAX_FRACTION_DIGITS;
    for (; end < limit && isDigit(text.charCodeAt(end)); end += 1) {
      fractionMs += (text.charCodeAt(end) - ZERO) * scale;
      scale /= 10;
    }
  }
  return { dayMs: ((hours * 60 + minutes) * 60 + seconds) * 1000 + Math.floor(fractionMs), end };
}

interface Offset {
  readonly offsetMs: number;
  readonly end: number;
}

/** `Z`, `+hh:mm`, `+hhmm`. */
function readOffset(text: string, at: number): Offset | undefined {
  const mark = text.charAt(at);
  if (mark === 'Z' || mark === 'z') return { offsetMs: 0, end: at + 1 };
  if (mark !== '+' && mark !== '-') return undefined;
  const hours = twoDigits(text, at + 1);
  const minutesAt = text.charCodeAt(at + 3) === COLON ? at + 4 : at + 3;
  const minutes = twoDigits(text, minutesAt);
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return undefined;
  const offsetMs = (hours * 60 + minutes) * 60_000;
  return { offsetMs: mark === '-' ? -offsetMs : offsetMs, end: minutesAt + 2 };
}

/** Midnight of the day, as if the zone were UTC; undefined when the month has no such day. */
function midnight(year: number, month: number, day: number): number | undefined {
  if (day < 1 || day > 31 || month < 0 || month > 11) return undefined;
  const ms = Date.UTC(year, month, day);
  if (day <= 28) return ms;
  return new Date(ms).getUTCDate() === day ? ms : undefined;
}

/** RFC 3339 as RFC 5424 section 6.2.3 has it, and with a space for the `T` or without a zone, as people send it. */
export function readIsoTimestamp(text: string, at: number, zone: LocalToUtc): Timestamp | undefined {
  const year = fourDigits(text, at);
  const month = twoDigits(text, at + 5);
  const day = twoDigits(text, at + 8);
  if (year < 0 || month < 0 || day < 0) return undefined;
  const dash = text.charAt(at + 4);
  if ((dash !== '-' && dash !== '/') || text.charAt(at + 7) !== dash) return undefined;
  const between = text.charAt(at + 10);
  if (between !== 'T' && between !== 't' && between !== ' ') return undefined;
  const clock = readClock(text, at + 11);
  if (clock === undefined) return undefined;
  const dateMs = midnight(year, month - 1, day);
  const offset = readOffset(text, clock.end) ?? spacedOffset(text, clock.end);
  const end = offset?.end ?? clock.end;
  if (dateMs === undefined) return { timeMs: null, yearGuessed: false, zoneGuessed: false, end };
  const localMs = dateMs + clock.dayMs;
  return offset === undefined
    ? { timeMs: zone(localMs), yearGuessed: false, zoneGuessed: true, end }
    : { timeMs: localMs - offset.offsetMs, yearGuessed: false, zoneGuessed: false, end };
}

function spacedOffset(text: string, at: number): Offset | undefined {
  const sign = text.charAt(at + 1);
  return text.charCodeAt(at) === SPACE && (sign === '+' || sign === '-')
    ? readOffset(text, at + 1)
    : undefined;
}

/** `Mmm dd hh:mm:ss`: month of any case, one space or two, the year before or behind the time, a zone behind it. */
export function readBsdTimestamp(
  text: string,
  at: number,
  zone: LocalToUtc,
  receivedAtMs: number,
): Timestamp | undefined {
  const month = monthAt(text, at);
  if (month < 0 || text.charCodeAt(at + 3) !== SPACE) return undefined;
  let next = at + 4;
  if (text.charCodeAt(next) === SPACE) next += 1;
  let day = twoDigits(text, next);
  if (day >= 0) next += 2;
  else if (isDigit(text.charCodeAt(next))) {
    day = text.charCodeAt(next) - ZERO;
    next += 1;
  } else return undefined;
  if (text.charCodeAt(next) !== SPACE) return undefined;
  next += 1;
  if (text.charCodeAt(next) === SPACE) next += 1;
  let year = fourDigits(text, next);
  if (year >= 0 && text.charCodeAt(next + 4) === SPACE) next += 5;
  else year = -1;
  const clock = readClock(text, next);
  if (clock === undefined) return undefined;
  let { end } = clock;
  if (year < 0 && text.charCodeAt(end) === SPACE && isYearEnd(text, end + 5)) {
    const behind = fourDigits(text, end + 1);
    if (behind >= 1970 && behind <= 2999) {
      year = behind;
      end += 5;
    }
  }
  const named = readZoneName(text, end);
  const offset = readOffset(text, end) ?? spacedOffset(text, end) ?? named;
  end = offset?.end ?? end;
  const offsetMs = offset?.offsetMs ?? null;
  const toUtc = (localMs: number): number => (offsetMs === null ? zone(localMs) : localMs - offsetMs);
  const yearGuessed = year < 0;
  const timeMs = yearGuessed
    ? inNearestYear(month, day, clock.dayMs, toUtc, receivedAtMs)
    : inYear(year, month, day, clock.dayMs, toUtc);
  return { timeMs, yearGuessed, zoneGuessed: offsetMs === null, end };
}

function monthAt(text: string, at: number): number {
  const first = text.charCodeAt(at) | 32;
  // Only these letters begin a month; most lines without a time end here.
  if (first < 97 || first > 115) return -1;
  const place = MONTHS.indexOf(text.slice(at, at + 3).toLowerCase());
  return place >= 0 && place % 3 === 0 ? place / 3 : -1;
}

/** A year behind the time ends with a space, a colon, or the text; `2001:db8::1` is a host. */
function isYearEnd(text: string, at: number): boolean {
  const code = text.charCodeAt(text.charCodeAt(at) === COLON ? at + 1 : at);
  return code === SPACE || Number.isNaN(code);
}

/** ` UTC` and ` GMT`, or another name of a zone right before a colon, whose meaning is not certain. */
function readZoneName(
  text: string,
  at: number,
): { readonly offsetMs: number | null; readonly end: number } | undefined {
  if (text.charCodeAt(at) !== SPACE) return undefined;
  let end = at + 1;
  while (end - at <= 5 && text.charCodeAt(end) >= 65 && text.charCodeAt(end) <= 90) end += 1;
  const name = text.slice(at + 1, end);
  if (name.length < 3) return undefined;
  const follows = text.charCodeAt(end);
  if ((name === 'UTC' || name === 'GMT') && (follows === SPACE || follows === COLON))
    return { offsetMs: 0, end };
  return follows === COLON ? { offsetMs: null, end } : undefined;
}

function inYear(
  year: number,
  month: number,
  day: number,
  dayMs: number,
  toUtc: (localMs: number) => number,
): number | null {
  const dateMs = midnight(year, month, day);
  return dateMs === undefined ? null : toUtc(dateMs + dayMs);
}

/** The header has no year: the one that puts it closest to the arrival, so neither side of New Year is a year off. */
function inNearestYear(
  month: number,
  day: number,
  dayMs: number,
  toUtc: (localMs: number) => number,
  receivedAtMs: number,
): number | null {
  const thisYear = new Date(receivedAtMs).getUTCFullYear();
  let best: number | null = null;
  for (let year = thisYear - 1; year <= thisYear + 1; year += 1) {
    const timeMs = inYear(year, month, day, dayMs, toUtc);
    if (timeMs === null) continue;
    if (best === null || Math.abs(timeMs - receivedAtMs) < Math.abs(best - receivedAtMs)) best = timeMs;
  }
  return best;
}
