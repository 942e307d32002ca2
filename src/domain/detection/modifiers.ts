import { ruleError, unsupported } from './rule-error.ts';
import type { Anchoring } from './sigma-string.ts';

export type Comparison = 'lt' | 'lte' | 'gt' | 'gte';

/** What the modifiers of one field name ask for. */
export interface Modifiers {
  readonly kind: 'text' | 're' | 'cidr' | 'exists' | 'compare' | 'fieldref';
  readonly anchoring: Anchoring;
  readonly comparison: Comparison | null;
  readonly all: boolean;
  readonly cased: boolean;
  readonly negated: boolean;
  readonly windash: boolean;
  /** Flags of `re`: any of i, m, s. */
  readonly flags: string;
}

const NOT_YET: Readonly<Record<string, string>> = {
  base64: 'match the encoded text itself',
  base64offset: 'match the encoded text itself',
  utf16: 'match the text itself',
  utf16le: 'match the text itself',
  utf16be: 'match the text itself',
  wide: 'match the text itself',
  expand: 'write the values out',
  minute: 'match a field that holds the number',
  hour: 'match a field that holds the number',
  day: 'match a field that holds the number',
  week: 'match a field that holds the number',
  month: 'match a field that holds the number',
  year: 'match a field that holds the number',
};

const REGEX_FLAGS: Readonly<Record<string, string>> = {
  i: 'i',
  ignorecase: 'i',
  m: 'm',
  multiline: 'm',
  s: 's',
  dotall: 's',
};

/** Reads `|contains|all` and the like; combinations that mean nothing are refused. */
export function readModifiers(names: readonly string[], place: string): Modifiers {
  let kind: Modifiers['kind'] = 'text';
  let anchoring: Anchoring = 'whole';
  let comparison: Comparison | null = null;
  let flags = '';
  const seen = new Set(names);
  const setKind = (next: Modifiers['kind'], name: string): void => {
    if (kind !== 'text') throw ruleError(place, `modifier "${name}" cannot be combined with "${kind}"`);
    kind = next;
  };
  for (const name of names) {
    const instead = NOT_YET[name];
    if (instead !== undefined) throw unsupported(place, `modifier "${name}"`, instead);
    const flag = REGEX_FLAGS[name];
    if (name === 'contains' || name === 'startswith' || name === 'endswith') anchoring = name;
    else if (name === 're' || name === 'cidr' || name === 'exists' || name === 'fieldref')
      setKind(name, name);
    else if (name === 'lt' || name === 'lte' || name === 'gt' || name === 'gte') {
      setKind('compare', name);
      comparison = name;
    } else if (flag !== undefined) {
      if (!seen.has('re')) throw ruleError(place, `modifier "${name}" belongs behind "re"`);
      flags += flag;
    } else if (!['all', 'cased', 'neq', 'windash'].includes(name))
      throw ruleError(place, `there is no modifier "${name}"`);
  }
  const finalKind = kind as Modifiers['kind'];
  if (anchoring !== 'whole' && finalKind !== 'text' && finalKind !== 'fieldref')
    throw ruleError(place, `modifier "${anchoring}" cannot be combined with "${finalKind}"`);
  return {
    kind: finalKind,
    anchoring,
    comparison,
    flags,
    all: seen.has('all'),
    cased: seen.has('cased'),
    negated: seen.has('neq'),
    windash: seen.has('windash'),
  };
}
