import { ruleError, unsupported } from './rule-error.ts';
import type { Anchoring } from './sigma-string.ts';

export type Comparison = 'lt' | 'lte' | 'gt' | 'gte';

/** What the modifiers of one field name ask for. */
export interface Modifiers {
  readonly kind: ValueKind;
  readonly anchoring: Anchoring;
  readonly comparison: Comparison | null;
  readonly all: boolean;
  readonly cased: boolean;
  readonly negated: boolean;
  readonly windash: boolean;
  /** Flags of `re`: any of i, m, s. */
  readonly flags: string;
}

export type ValueKind = 'text' | 're' | 'cidr' | 'exists' | 'compare' | 'fieldref';

const ENCODED = 'match the encoded text itself';
const OTHER_TEXT = 'match the text itself';
const DERIVED = 'use the fields time.hour and time.weekday';

const NOT_YET: Readonly<Record<string, string>> = {
  base64: ENCODED,
  base64offset: ENCODED,
  utf16: OTHER_TEXT,
  utf16le: OTHER_TEXT,
  utf16be: OTHER_TEXT,
  wide: OTHER_TEXT,
  expand: 'write the values out',
  minute: DERIVED,
  hour: DERIVED,
  day: DERIVED,
  week: DERIVED,
  month: DERIVED,
  year: DERIVED,
};

const REGEX_FLAGS: Readonly<Record<string, string>> = {
  i: 'i',
  ignorecase: 'i',
  m: 'm',
  multiline: 'm',
  s: 's',
  dotall: 's',
};

/** Modifiers that say what a value is. The others say how it is compared. */
const KINDS: Readonly<Record<string, ValueKind>> = {
  re: 're',
  cidr: 'cidr',
  exists: 'exists',
  fieldref: 'fieldref',
  lt: 'compare',
  lte: 'compare',
  gt: 'compare',
  gte: 'compare',
};

const ANCHORINGS = ['contains', 'startswith', 'endswith'] as const;

/** What may stand beside each kind. Whatever would have no meaning is refused, never passed over. */
const FITTING: Readonly<Record<ValueKind, ReadonlySet<string>>> = {
  text: new Set([...ANCHORINGS, 'all', 'cased', 'neq', 'windash']),
  re: new Set([...Object.keys(REGEX_FLAGS), 'all', 'neq']),
  cidr: new Set(['all', 'neq']),
  exists: new Set(),
  compare: new Set(['all']),
  fieldref: new Set([...ANCHORINGS, 'all', 'cased', 'neq']),
};

const KNOWN: ReadonlySet<string> = new Set([
  ...Object.keys(KINDS),
  ...Object.values(FITTING).flatMap((names) => [...names]),
]);

/** Reads `|contains|all` and the like; combinations that mean nothing are refused. */
export function readModifiers(names: readonly string[], place: string): Modifiers {
  for (const [index, name] of names.entries()) {
    const instead = Object.hasOwn(NOT_YET, name) ? NOT_YET[name] : undefined;
    if (instead !== undefined) throw unsupported(place, `modifier "${name}"`, instead);
    if (!KNOWN.has(name)) throw ruleError(place, `there is no modifier "${name}"`);
    if (names.indexOf(name) !== index) throw ruleError(place, `modifier "${name}" stands there twice`);
  }
  const [kindName, otherKind] = names.filter((name) => Object.hasOwn(KINDS, name));
  if (kindName !== undefined && otherKind !== undefined) throw clash(place, otherKind, kindName);
  const kind = KINDS[kindName ?? ''] ?? 'text';
  for (const [index, name] of names.entries()) {
    if (name === kindName) continue;
    const isFlag = Object.hasOwn(REGEX_FLAGS, name);
    if (isFlag && (kind !== 're' || names.indexOf('re') > index))
      throw ruleError(place, `modifier "${name}" belongs behind "re"`);
    if (!FITTING[kind].has(name)) throw clash(place, name, kindName ?? 'text');
  }
  const [anchoring = 'whole', otherAnchoring] = ANCHORINGS.filter((name) => names.includes(name));
  if (otherAnchoring !== undefined) throw clash(place, otherAnchoring, anchoring);
  return {
    kind,
    anchoring,
    comparison: isComparison(kindName) ? kindName : null,
    flags: [...new Set(names.flatMap((name) => REGEX_FLAGS[name] ?? []))].join(''),
    all: names.includes('all'),
    cased: names.includes('cased'),
    negated: names.includes('neq'),
    windash: names.includes('windash'),
  };
}

function clash(place: string, name: string, other: string): Error {
  return ruleError(place, `modifier "${name}" cannot be combined with "${other}"`);
}

function isComparison(name: string | undefined): name is Comparison {
  return name === 'lt' || name === 'lte' || name === 'gt' || name === 'gte';
}
