import type { JsonObject, JsonValue } from '#lib/json.ts';

/** More opening braces than this are not tried: the work stays bounded whatever a line holds. */
const MAX_STARTS = 8;
/** What a property may hold at most when it is a list or an object. */
const MAX_NODES = 2_000;
const MAX_DEPTH = 16;

/**
 * The first complete JSON object in a text, whatever stands before and after it; undefined when there is none.
 * Looks at no more than the first eight opening braces that could begin one.
 */
export function firstJsonObject(text: string): JsonObject | undefined {
  let start = text.indexOf('{');
  // Nearly always the object is all that is left of the line.
  if (start >= 0 && text.endsWith('}')) {
    const whole = parseObject(text.slice(start));
    if (whole !== undefined) return whole;
  }
  for (let tries = 0; start >= 0 && tries < MAX_STARTS; tries++) {
    const end = endOfObject(text, start);
    const found = end === undefined ? undefined : parseObject(text.slice(start, end));
    if (found !== undefined) return found;
    // What began as an object and is broken or cut off is skipped whole: an object inside it is not what the sender said.
    const isObject = /^\{[ \t]*["}]/.test(text.slice(start, start + 32));
    if (isObject && end === undefined) return undefined;
    start = text.indexOf('{', isObject && end !== undefined ? end : start + 1);
  }
  return undefined;
}

function parseObject(text: string): JsonObject | undefined {
  try {
    return JSON.parse(text) as JsonObject;
  } catch {
    return undefined;
  }
}

/** The offset behind the brace that closes the one at `start`, minding strings. */
function endOfObject(text: string, start: number): number | undefined {
  let depth = 0;
  let isString = false;
  for (let index = start; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (isString) {
      if (code === 0x5c) index += 1;
      else if (code === 0x22) isString = false;
    } else if (code === 0x22) isString = true;
    else if (code === 0x7b) depth += 1;
    else if (code === 0x7d && --depth === 0) return index + 1;
  }
  return undefined;
}

/**
 * The keys of a pointer: RFC 6901 (`/a/b~1c`, the empty one is the whole object) or QRadar's way of quoting every
 * key (`/"a"/"b"`). Undefined when it is neither.
 */
export function parsePointer(pointer: string): readonly string[] | undefined {
  if (pointer === '') return [];
  if (!pointer.startsWith('/')) return undefined;
  if (/^(\/"[^"]*")+$/.test(pointer)) return [...pointer.matchAll(/\/"([^"]*)"/g)].map(([, key = '']) => key);
  const keys = pointer.slice(1).split('/');
  if (keys.some((key) => /~(?![01])/.test(key))) return undefined;
  return keys.map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** The value at the keys; undefined when there is none. Only own properties count, so no key reaches a prototype. */
export function readPointer(root: JsonObject, keys: readonly string[]): JsonValue | undefined {
  let value: JsonValue = root;
  for (const key of keys) {
    if (typeof value !== 'object' || value === null) return undefined;
    if (Array.isArray(value) && !/^(0|[1-9]\d{0,8})$/.test(key)) return undefined;
    if (!Object.hasOwn(value, key)) return undefined;
    const next: JsonValue | undefined = (value as Readonly<Record<string, JsonValue>>)[key];
    if (next === undefined) return undefined;
    value = next;
  }
  return value;
}

/**
 * True when a value is small and flat enough to be kept in an event, and comes back from JSON as it is: 1e999 is read as
 * a number that cannot be written.
 */
export function isKeepable(value: JsonValue): boolean {
  let nodes = 0;
  const visit = (one: JsonValue, depth: number): boolean => {
    if (++nodes > MAX_NODES || depth > MAX_DEPTH) return false;
    if (typeof one === 'number') return Number.isFinite(one);
    if (typeof one !== 'object' || one === null) return true;
    return Object.values(one).every((child: JsonValue) => visit(child, depth + 1));
  };
  return visit(value, 0);
}
