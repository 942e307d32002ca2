import { ruleError } from './rule-error.ts';
import type { RuleDocument } from './rule-file.ts';

/** All documents of a set by the names under which rules know each other. */
export type RuleIndex = ReadonlyMap<string, RuleDocument>;

export function idOfDocument({ document, place }: RuleDocument): string {
  const id = document.id ?? document.name;
  if (id === undefined) throw ruleError(place, 'a rule needs an id (a UUID) or a name');
  return id;
}

export function indexRules(documents: readonly RuleDocument[]): RuleIndex {
  const index = new Map<string, RuleDocument>();
  for (const one of documents) {
    for (const name of new Set([idOfDocument(one), one.document.name ?? idOfDocument(one)])) {
      const other = index.get(name);
      if (other !== undefined)
        throw ruleError(one.place, `"${name}" already names the rule at ${other.place}`);
      index.set(name, one);
    }
  }
  return index;
}

export function findRule(index: RuleIndex, name: string, place: string): RuleDocument {
  const found = index.get(name);
  if (found === undefined) throw ruleError(place, `there is no rule "${name}"`);
  return found;
}
