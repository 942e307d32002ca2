import type { StructuredData } from './message.ts';

export interface StructuredDataReading {
  readonly data: StructuredData;
  /** Where it ends in the text. */
  readonly end: number;
}

const SPACE = 32;
const QUOTE = 34;
const EQUALS = 61;
const OPEN = 91;
const BACKSLASH = 92;
const CLOSE = 93;
const MAX_ELEMENTS = 64;
const MAX_PARAMETERS = 256;
const MAX_NAME = 255;

/** Reads `[id name="value" …]…` (RFC 5424 section 6.3). Undefined when it is not well formed: then it is message. */
export function readStructuredData(text: string, at: number): StructuredDataReading | undefined {
  const data = new Map<string, ReadonlyMap<string, string>>();
  let next = at;
  while (text.charCodeAt(next) === OPEN) {
    if (data.size >= MAX_ELEMENTS) return undefined;
    const element = readElement(text, next + 1);
    if (element === undefined) return undefined;
    data.set(element.id, element.parameters);
    next = element.end;
  }
  const follows = text.charCodeAt(next);
  return follows === SPACE || Number.isNaN(follows) ? { data, end: next } : undefined;
}

interface Element {
  readonly id: string;
  readonly parameters: ReadonlyMap<string, string>;
  readonly end: number;
}

function readElement(text: string, at: number): Element | undefined {
  let next = endOfName(text, at);
  if (next === at) return undefined;
  const id = text.slice(at, next);
  const parameters = new Map<string, string>();
  while (text.charCodeAt(next) === SPACE) {
    next += 1;
    // Some senders leave a space before the bracket.
    if (text.charCodeAt(next) === CLOSE) break;
    const nameEnd = endOfName(text, next);
    if (nameEnd === next || parameters.size >= MAX_PARAMETERS) return undefined;
    if (text.charCodeAt(nameEnd) !== EQUALS || text.charCodeAt(nameEnd + 1) !== QUOTE) return undefined;
    const value = readValue(text, nameEnd + 2);
    if (value === undefined) return undefined;
    parameters.set(text.slice(next, nameEnd), value.text);
    next = value.end;
  }
  return text.charCodeAt(next) === CLOSE ? { id, parameters, end: next + 1 } : undefined;
}

function endOfName(text: string, at: number): number {
  let next = at;
  for (; next - at <= MAX_NAME; next += 1) {
    const code = text.charCodeAt(next);
    if (!(code > SPACE) || code === EQUALS || code === QUOTE || code === CLOSE) return next;
  }
  return at;
}

/** The value up to its closing quote; `\"`, `\\` and `\]` lose the backslash, others keep it. */
function readValue(text: string, at: number): { readonly text: string; readonly end: number } | undefined {
  let value = '';
  let from = at;
  for (let next = at; next < text.length; next += 1) {
    const code = text.charCodeAt(next);
    if (code === QUOTE) return { text: value + text.slice(from, next), end: next + 1 };
    if (code !== BACKSLASH) continue;
    const escaped = text.charCodeAt(next + 1);
    if (escaped !== QUOTE && escaped !== BACKSLASH && escaped !== CLOSE) continue;
    value += text.slice(from, next);
    from = next + 1;
    next += 1;
  }
  return undefined;
}
