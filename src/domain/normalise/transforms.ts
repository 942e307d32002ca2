import type { TransformName } from '#contract/log-source-type.ts';
import { canonicalAddress } from '#lib/ip-text.ts';
import type { JsonValue } from '#lib/json.ts';

/** Undefined: no hit. */
export type Transform = (value: JsonValue) => JsonValue | undefined;

/** The year 2100: no log line of ours is from after it. */
const LATEST_MS = 4_102_444_800_000;

const onText =
  (change: (text: string) => JsonValue | undefined): Transform =>
  (value) => {
    const text = textOf(value);
    return text === undefined ? undefined : change(text);
  };

export const TRANSFORM_OF: Readonly<Record<TransformName, Transform>> = {
  trim: onText((text) => text.trim()),
  lower: onText((text) => text.toLowerCase()),
  upper: onText((text) => text.toUpperCase()),
  shorten: onText((text) => text.slice(0, 1024)),
  number: numberOf,
  boolean: onText((text) => BOOLEANS.get(text.toLowerCase())),
  address: onText(canonicalAddress),
  'in-brackets': onText((text) => brackets(text)?.inside ?? text),
  'before-brackets': onText((text) => brackets(text)?.before ?? text),
  'only-in-brackets': onText((text) => brackets(text)?.inside),
  'epoch-seconds': (value) => {
    const seconds = numberOf(value);
    return seconds === undefined ? undefined : momentOf(seconds * 1000);
  },
  'epoch-milliseconds': (value) => {
    const ms = numberOf(value);
    return ms === undefined ? undefined : momentOf(ms);
  },
  'iso-date': onText((text) =>
    /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:?\d\d)$/.test(text)
      ? momentOf(Date.parse(text.replace(' ', 'T').replace(/([+-]\d\d)(\d\d)$/, '$1:$2')))
      : undefined,
  ),
  'jumpserver-date': onText(jumpServerDate),
  'octal-escapes': onText((text) =>
    text.replaceAll(/#([0-3][0-7]{2})/g, (whole, digits: string) => {
      const code = Number.parseInt(digits, 8);
      return code < 0x20 || code === 0x7f ? String.fromCharCode(code) : whole;
    }),
  ),
  'cut-in-middle': onText(isCutInMiddle),
};

/** Through a table of words; `*` stands for every other. */
export function mapTransform(table: Readonly<Record<string, string>>): Transform {
  const words = new Map(Object.entries(table));
  return onText((text) => words.get(text) ?? words.get('*'));
}

const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ...['true', 'yes', '1'].map((word) => [word, true] as const),
  ...['false', 'no', '0'].map((word) => [word, false] as const),
]);

/** Text of a string, number or boolean. */
export function textOf(value: JsonValue): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}

function numberOf(value: JsonValue): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  if (typeof value !== 'string' || !/^[+-]?\d{1,20}(\.\d{1,20})?$/.test(value)) return undefined;
  return Number(value);
}

/** The last pair of brackets, when the text ends with it: names may hold brackets of their own. */
function brackets(text: string): { readonly before: string; readonly inside: string } | undefined {
  if (!text.endsWith(')')) return undefined;
  const open = text.lastIndexOf('(');
  if (open < 0) return undefined;
  return { before: text.slice(0, open).trimEnd(), inside: text.slice(open + 1, -1).trim() };
}

/** A moment that an event may have, whole milliseconds. */
export function momentOf(ms: number): number | undefined {
  return ms >= 0 && ms <= LATEST_MS ? Math.trunc(ms) : undefined;
}

/** `2024/10/01 16:00:00 +0800`, as the API of JumpServer writes dates. */
function jumpServerDate(text: string): number | undefined {
  const match = /^(\d{4})\/(\d\d)\/(\d\d) (\d\d:\d\d:\d\d) ([+-]\d\d)(\d\d)$/.exec(text);
  if (match === null) return undefined;
  const [, year = '', month = '', day = '', time = '', hours = '', minutes = ''] = match;
  return momentOf(Date.parse(`${year}-${month}-${day}T${time}${hours}:${minutes}`));
}

/** JumpServer keeps 62 characters of the front and of the end of a command of 128 or more. */
function isCutInMiddle(text: string): true | undefined {
  if (text.length < 127 || !text.includes('...')) return undefined;
  const characters = Array.from(text);
  return characters.length === 127 && characters.slice(62, 65).join('') === '...' ? true : undefined;
}
