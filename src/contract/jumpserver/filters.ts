import { z } from 'zod';

/** `true` or `false` in a query, in any case. */
export const Flag = z
  .string()
  .transform((text) => text.toLowerCase())
  .pipe(z.enum(['true', 'false', '1', '0']))
  .transform((text) => text === 'true' || text === '1');

/** The same in a body: forms have texts only, and some programs write 0 and 1. */
export const BodyFlag = z.union([z.boolean(), z.literal([0, 1]).transform((value) => value === 1), Flag]);

/**
 * Sorts by the field that `order` names, downwards with `-` before it. A field that is not there, or that holds
 * no plain value, leaves the order as it is.
 */
export function orderItems<T extends object>(items: readonly T[], order: string | undefined): readonly T[] {
  const field = (order ?? '').replace(/^-/, '');
  const down = order?.startsWith('-') === true ? -1 : 1;
  const keyOf = (item: T): string | number | undefined => {
    const value: unknown = Object.hasOwn(item, field) ? Reflect.get(item, field) : undefined;
    return typeof value === 'string' || typeof value === 'number' ? value : undefined;
  };
  const compare = (a: T, b: T): number => {
    const [left, right] = [keyOf(a), keyOf(b)];
    if (left === undefined || right === undefined || left === right) return 0;
    return left < right ? -down : down;
  };
  return field === '' ? items : items.toSorted(compare);
}

const FORMS = [
  /^(\d{4})[/-](\d\d)[/-](\d\d)[ T](\d\d):(\d\d)(?::(\d\d)(?:\.\d+)?)?(?: *(Z|[+-]?\d\d:?\d\d))?$/i,
  /^(\d{4})[/-](\d\d)[/-](\d\d)$/,
];

/**
 * A moment as a client writes it: `2024/10/01 16:00:00 +0800`, the same with hyphens, or ISO 8601; without a time
 * zone it is UTC. A plus sign that nobody encoded in a URL arrives as a space.
 */
export const Moment = z.string().transform((text, context) => {
  const match = FORMS.map((form) => form.exec(text.trim())).find((found) => found !== null);
  const [, year, month, day, hour = '00', minute = '00', second = '00', zone = 'Z'] = match ?? [];
  const timeMs =
    match === undefined
      ? Number.NaN
      : Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}${zoneOf(zone)}`);
  if (!Number.isNaN(timeMs)) return timeMs;
  context.addIssue({ code: 'custom', message: 'is no date: 2024/10/01 16:00:00 +0800 or ISO 8601' });
  return z.NEVER;
});

function zoneOf(zone: string): string {
  const [, sign, hours, minutes] = /([+-]?)(\d\d):?(\d\d)$/.exec(zone) ?? [];
  return hours === undefined ? 'Z' : `${sign === '-' ? '-' : '+'}${hours}:${minutes}`;
}

/** The span of time of a list; both ends are included. */
export const Between = z.object({ date_from: Moment.optional(), date_to: Moment.optional() });
