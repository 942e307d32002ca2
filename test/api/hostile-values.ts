import type { z } from 'zod';
import { schemaOf } from '#contract/routes/openapi.ts';

/** Draws from a seeded generator. */
export interface Draw {
  chance(probability: number): boolean;
  below(limit: number): number;
  of<T>(values: readonly [T, ...T[]]): T;
}

export function drawFrom(random: () => number): Draw {
  const below = (limit: number): number => Math.floor(random() * limit);
  return {
    chance: (probability) => random() < probability,
    below,
    of: (values) => values[below(values.length)] ?? values[0],
  };
}

/** Texts that programs of every kind have stumbled over. */
export const TEXTS: readonly [string, ...string[]] = [
  '',
  ' ',
  'alice',
  '\u0000',
  'a\u0000b',
  '\uD800',
  '\u202Egnp.exe',
  'İ',
  '__proto__',
  'constructor',
  'toString',
  '%',
  '%00',
  '../../etc/passwd',
  "' or 1=1 --",
  '$1',
  '-1',
  '0',
  '1e309',
  'NaN',
  '99999999999999999999',
  '00000000-0000-0000-0000-000000000000',
  '2026-02-31T25:61:61Z',
  '2024/10/01 16:00:00 +0800',
  '9999/99/99 99:99:99 +9999',
  '10.0.0.0/33',
  '::ffff:1.2.3.4%eth0',
  '(a+)+$',
  '[',
  'true',
  'null',
  '[object Object]',
  'x'.repeat(5_000),
  '🦀'.repeat(300),
];

const NUMBERS: readonly [number, ...number[]] = [
  0,
  -0,
  -1,
  1,
  1.5,
  1e308,
  2 ** 31,
  2 ** 53,
  -(2 ** 53),
  8.64e15,
  1e16,
];

/** A value of any kind. */
export function anything(draw: Draw, depth = 0): unknown {
  switch (draw.below(depth > 3 ? 4 : 6)) {
    case 0:
      return draw.of(TEXTS);
    case 1:
      return draw.of(NUMBERS);
    case 2:
      return draw.chance(0.5);
    case 3:
      return null;
    case 4:
      return Array.from({ length: draw.below(4) }, () => anything(draw, depth + 1));
    default:
      return Object.fromEntries(
        Array.from({ length: draw.below(4) }, () => [draw.of(TEXTS), anything(draw, depth + 1)]),
      );
  }
}

type Schema = Readonly<Record<string, unknown>>;

/** A value that mostly fits the schema, so that it gets past the door, with something wrong in it now and then. */
export function nearly(schema: z.ZodType, draw: Draw, known: readonly string[]): unknown {
  const whole: Schema = schemaOf(schema, 'input');
  const make = (part: Schema, depth: number): unknown => {
    if (draw.chance(0.06) || depth > 8) return anything(draw);
    const choices = part['anyOf'] ?? part['oneOf'];
    if (isSchemas(choices)) return make(draw.of(choices), depth + 1);
    if ('const' in part) return part['const'];
    if (isFilled(part['enum'])) return draw.of(part['enum']);
    switch (part['type']) {
      case 'string':
        return known[0] !== undefined && draw.chance(0.6) ? draw.of([known[0], ...known]) : draw.of(TEXTS);
      case 'integer':
      case 'number':
        return draw.of(NUMBERS);
      case 'boolean':
        return draw.chance(0.5);
      case 'null':
        return null;
      case 'array':
        return Array.from({ length: draw.below(4) }, () => make(asSchema(part['items']), depth + 1));
      case 'object': {
        const required = part['required'];
        return Object.fromEntries(
          Object.entries(asSchema(part['properties']))
            .filter(([name]) => (Array.isArray(required) && required.includes(name)) || draw.chance(0.4))
            .map(([name, field]) => [name, make(asSchema(field), depth + 1)]),
        );
      }
      default:
        return anything(draw);
    }
  };
  return make(whole, 0);
}

function asSchema(value: unknown): Schema {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function isFilled(value: unknown): value is readonly [unknown, ...unknown[]] {
  return Array.isArray(value) && value.length > 0;
}

function isSchemas(value: unknown): value is readonly [Schema, ...Schema[]] {
  return isFilled(value);
}
