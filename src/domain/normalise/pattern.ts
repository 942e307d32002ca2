import { RE2JS, RE2JSSyntaxException } from 're2js';
import { literalStart } from './literal-start.ts';

/** A regular expression of a type file: RE2, so that no line can make it slow. */
export interface Pattern {
  readonly source: string;
  readonly groupNames: readonly string[];
  /** The named groups that took part; undefined when the text does not match. */
  groups(text: string): ReadonlyMap<string, string> | undefined;
  /** The group `value`, else the first group, else the whole match. */
  first(text: string): string | undefined;
}

/** Why a pattern does not compile, or the pattern. */
export function compilePattern(source: string): Pattern | { readonly problem: string } {
  try {
    return patternOf(source, RE2JS.compile(source));
  } catch (error) {
    if (!(error instanceof RE2JSSyntaxException)) throw error;
    return {
      problem: `is not a regular expression in RE2 syntax (no look-around, no back-references): ${error.message}`,
    };
  }
}

function patternOf(source: string, compiled: RE2JS): Pattern {
  const groupNames = Object.keys(compiled.namedGroups());
  const start = literalStart(source);
  const valueGroup = groupNames.includes('value') ? 'value' : compiled.groupCount() > 0 ? 1 : 0;
  return {
    source,
    groupNames,
    groups(text) {
      // Most lines fail here, without the machine having to run.
      if (!text.startsWith(start)) return undefined;
      const matcher = compiled.matcher(text);
      if (!matcher.find()) return undefined;
      const groups = new Map<string, string>();
      for (const name of groupNames) {
        const value = matcher.group(name);
        if (value !== null && value !== '') groups.set(name, value);
      }
      return groups;
    },
    first(text) {
      if (!text.startsWith(start)) return undefined;
      const matcher = compiled.matcher(text);
      return matcher.find() ? (matcher.group(valueGroup) ?? undefined) : undefined;
    },
  };
}
