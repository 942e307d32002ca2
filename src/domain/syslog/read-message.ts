import type { StructuredData, SyslogMessage, SyslogPeer } from './message.ts';
import { readStructuredData } from './structured-data.ts';
import { readBsdTimestamp, readIsoTimestamp, type Timestamp } from './timestamp.ts';
import type { LocalToUtc } from './zone.ts';

export interface ReadContext {
  readonly peer: SyslogPeer;
  readonly receivedAtMs: number;
  /** Of times that say none. */
  readonly zone: LocalToUtc;
  /** Bytes that the text had before it was cut; null when it was not. */
  readonly untruncatedSize: number | null;
}

interface Header {
  readonly format: SyslogMessage['format'];
  readonly time: Timestamp | null;
  readonly hostname: string | null;
  readonly appName: string | null;
  readonly procId: string | null;
  readonly msgId: string | null;
  readonly structuredData: StructuredData | null;
  readonly bodyAt: number;
}

const SPACE = 32;
const PERCENT = 37;
const ZERO = 48;
const COLON = 58;
const OPEN = 91;
const CLOSE = 93;
const BOM = 0xfeff;
const MAX_FIELD = 255;

/**
 * Takes the header off a message: RFC 5424, RFC 3164 with what senders make of it, or none. Never throws; what does
 * not fit a header is body. One pass without patterns, so hostile lines cost no more than others.
 */
export function readMessage(raw: string, context: ReadContext): SyslogMessage {
  const { receivedAtMs, peer, zone, untruncatedSize } = context;
  const start = raw.charCodeAt(0) === BOM ? 1 : 0;
  const priority = readPriority(raw, start);
  const at = priority === undefined ? start : priority.end;
  const header =
    readRfc5424(raw, at, zone) ??
    readRfc3164(raw, at, zone, receivedAtMs) ??
    readBareTag(raw, at, priority !== undefined);
  const { time, bodyAt } = header;
  return {
    raw,
    receivedAtMs,
    peer,
    facility: priority === undefined ? null : priority.value >> 3,
    severity: priority === undefined ? null : priority.value & 7,
    timeMs: time?.timeMs ?? null,
    timeGuessed: { year: time?.yearGuessed ?? false, zone: time?.zoneGuessed ?? false },
    hostname: header.hostname,
    appName: header.appName,
    procId: header.procId,
    msgId: header.msgId,
    structuredData: header.structuredData,
    body: raw.slice(raw.charCodeAt(bodyAt) === BOM ? bodyAt + 1 : bodyAt),
    format: header.format,
    isTruncated: untruncatedSize !== null,
    untruncatedSize,
  };
}

/** `<0>` to `<191>`. */
function readPriority(
  text: string,
  at: number,
): { readonly value: number; readonly end: number } | undefined {
  if (text.charCodeAt(at) !== 60) return undefined;
  let value = 0;
  let next = at + 1;
  for (; next - at <= 3; next += 1) {
    const digit = text.charCodeAt(next) - ZERO;
    if (!(digit >= 0 && digit <= 9)) break;
    value = value * 10 + digit;
  }
  return next > at + 1 && text.charCodeAt(next) === 62 && value <= 191 ? { value, end: next + 1 } : undefined;
}

/** `1 TIME HOST APP PROCID MSGID SD MSG` (RFC 5424 section 6). Structured data that cannot be read is message. */
function readRfc5424(text: string, at: number, zone: LocalToUtc): Header | undefined {
  if (text.charCodeAt(at) !== ZERO + 1 || text.charCodeAt(at + 1) !== SPACE) return undefined;
  let next = at + 2;
  let time: Timestamp | null = null;
  if (text.charCodeAt(next) === 45) next += 1;
  else {
    time = readIsoTimestamp(text, next, zone) ?? null;
    if (time === null) return undefined;
    next = time.end;
  }
  const fields: (string | null)[] = [];
  for (let index = 0; index < 4; index += 1) {
    if (text.charCodeAt(next) !== SPACE) return undefined;
    const end = endOfWord(text, next + 1);
    if (end === next + 1 || end - next > MAX_FIELD) return undefined;
    const word = text.slice(next + 1, end);
    fields.push(word === '-' ? null : word);
    next = end;
  }
  const [hostname = null, appName = null, procId = null, msgId = null] = fields;
  let structuredData: StructuredData | null = null;
  if (text.charCodeAt(next) === SPACE) {
    next += 1;
    const follows = text.charCodeAt(next + 1);
    if (text.charCodeAt(next) === 45 && (follows === SPACE || Number.isNaN(follows))) next += 1;
    else if (text.charCodeAt(next) === OPEN) {
      const reading = readStructuredData(text, next);
      structuredData = reading?.data ?? null;
      next = reading?.end ?? next;
    }
    if (text.charCodeAt(next) === SPACE) next += 1;
  }
  return { format: 'rfc5424', time, hostname, appName, procId, msgId, structuredData, bodyAt: next };
}

/** `TIME HOST TAG[PID]: MSG` (RFC 3164 section 4.1), the time of any kind that senders write. */
function readRfc3164(text: string, at: number, zone: LocalToUtc, receivedAtMs: number): Header | undefined {
  let next = text.charCodeAt(at) === SPACE ? at + 1 : at;
  next = behindSequence(text, next);
  // A device whose clock is not synchronised marks the time with `*` or `.`.
  const mark = text.charCodeAt(next);
  if (mark === 42 || mark === 46) next += 1;
  const time = readBsdTimestamp(text, next, zone, receivedAtMs) ?? readIsoTimestamp(text, next, zone) ?? null;
  if (time === null) return undefined;
  next = time.end;
  const endsWithColon = text.charCodeAt(next) === COLON;
  if (endsWithColon) next += 1;
  const follows = text.charCodeAt(next);
  if (follows !== SPACE && !Number.isNaN(follows)) return undefined;
  next = skipSpaces(text, next);
  let hostname: string | null = null;
  if (!endsWithColon && text.charCodeAt(next) !== PERCENT) {
    const end = endOfWord(text, next);
    if (isHostname(text, next, end)) {
      hostname = text.slice(next, end);
      next = skipSpaces(text, end);
    }
  }
  const tag = readTag(text, next) ?? readLooseTag(text, next);
  return {
    format: 'rfc3164',
    time,
    hostname,
    appName: tag?.appName ?? null,
    procId: tag?.procId ?? null,
    msgId: null,
    structuredData: null,
    bodyAt: tag?.end ?? next,
  };
}

/** No time, so no header; a tag right behind the priority is told, as JumpServer and small programs send it. */
function readBareTag(text: string, at: number, hasPriority: boolean): Header {
  const tag = hasPriority ? readTag(text, text.charCodeAt(at) === SPACE ? at + 1 : at) : undefined;
  return {
    format: 'none',
    time: null,
    hostname: null,
    appName: tag?.appName ?? null,
    procId: tag?.procId ?? null,
    msgId: null,
    structuredData: null,
    bodyAt: tag?.end ?? at,
  };
}

/** Behind `123: `, the number that Cisco devices give each message. */
function behindSequence(text: string, at: number): number {
  let next = at;
  while (next - at < 12 && text.charCodeAt(next) >= ZERO && text.charCodeAt(next) <= 57) next += 1;
  return next > at && text.charCodeAt(next) === COLON && text.charCodeAt(next + 1) === SPACE ? next + 2 : at;
}

/** A word followed by a space is the host, unless it is a tag already: ends with a colon, or has a bracket. */
function isHostname(text: string, at: number, end: number): boolean {
  if (end === at || end - at > MAX_FIELD || text.charCodeAt(end) !== SPACE) return false;
  if (text.charCodeAt(end - 1) === COLON && text.charCodeAt(end - 2) !== COLON) return false;
  for (let next = at; next < end; next += 1) {
    const code = text.charCodeAt(next);
    if (code === OPEN || code === CLOSE || code === 123 || code === 34) return false;
  }
  return true;
}

interface Tag {
  readonly appName: string;
  readonly procId: string | null;
  readonly end: number;
}

/** `tag:` or `tag[pid]:`, the colon left out behind a bracket by some; longer than the 32 characters of the RFC too. */
function readTag(text: string, at: number): Tag | undefined {
  const end = endOfTag(text, at);
  if (end === at) return undefined;
  const appName = text.slice(at, end);
  const mark = text.charCodeAt(end);
  if (mark === COLON) {
    const follows = text.charCodeAt(end + 1);
    // A colon within a word (`http://…`, `a:b`) ends no tag.
    if (follows !== SPACE && !Number.isNaN(follows)) return undefined;
    return { appName, procId: null, end: afterSpace(text, end + 1) };
  }
  if (mark !== OPEN) return undefined;
  let close = end + 1;
  while (close - end <= MAX_FIELD && text.charCodeAt(close) > SPACE && text.charCodeAt(close) !== CLOSE)
    close += 1;
  if (text.charCodeAt(close) !== CLOSE) return undefined;
  const behind = text.charCodeAt(close + 1) === COLON ? close + 2 : close + 1;
  return { appName, procId: text.slice(end + 1, close) || null, end: afterSpace(text, behind) };
}

/** A first word without a colon may be the tag: it is told as one, and stays in the message. */
function readLooseTag(text: string, at: number): Tag | undefined {
  const end = endOfTag(text, at);
  if (end === at || text.charCodeAt(end) !== SPACE) return undefined;
  return { appName: text.slice(at, end), procId: null, end: at };
}

/** Letters, digits and `. _ - / @ % ( )` make a tag. The place itself when there is none. */
function endOfTag(text: string, at: number): number {
  let next = at;
  for (; next - at <= MAX_FIELD; next += 1) {
    const code = text.charCodeAt(next);
    const isWord =
      (code >= 97 && code <= 122) ||
      (code >= 65 && code <= 90) ||
      (code >= 45 && code <= 57) ||
      code === 95 ||
      code === 64 ||
      code === PERCENT ||
      code === 40 ||
      code === 41 ||
      code > 127;
    if (!isWord) return next;
  }
  return at;
}

function endOfWord(text: string, at: number): number {
  const end = text.indexOf(' ', at);
  return end < 0 ? text.length : end;
}

function afterSpace(text: string, at: number): number {
  return text.charCodeAt(at) === SPACE ? at + 1 : at;
}

function skipSpaces(text: string, at: number): number {
  let next = at;
  while (text.charCodeAt(next) === SPACE) next += 1;
  return next;
}
