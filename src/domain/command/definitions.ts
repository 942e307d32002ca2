/**
 * What names may stand for. A variable has its name as key (`X`, `1`, `@`, `a[0]`); everything else a kind in
 * front: `alias x`, `function f`. The meanings are alternatives, the latest last: which of them holds can hang
 * on what ran. Null is one that is not known.
 */
export type Meanings = readonly (string | null)[];
export type Defined = ReadonlyMap<string, Meanings>;

/** Kinds of names other than variables. */
export type NameKind =
  /** Replaces the first word of a command. */
  | 'alias'
  /** Replaces any word (`alias -g` of zsh). */
  | 'global'
  /** Runs files by the end of their name (`alias -s` of zsh). */
  | 'suffix'
  | 'function'
  /** `hash -p FILE NAME`: the file that runs under the name. */
  | 'path'
  /** A variable that does not simply take what is assigned: `readonly`, `declare -l`. */
  | 'attribute';

/** What the lines of a session have defined so far. Immutable and bounded. */
export interface Definitions {
  readonly meanings: Defined;
  /** Characters in all keys and meanings. */
  readonly size: number;
  /** More was defined than is kept here: any name may stand for something else. */
  readonly full: boolean;
  /** Another shell was started: what is defined, and what is removed, may concern either of them. */
  readonly nested: boolean;
}

/** What a reading says about names. */
export interface DefiningReading {
  readonly defines: Defined;
  readonly commandsFromInput: boolean;
  readonly unparsable: boolean;
}

const MAX_NAMES = 512;
const MAX_SIZE = 32_768;
/** More alternatives than this are one unknown among those that are kept. */
export const MAX_MEANINGS = 8;
/** Longer ones are not known. */
export const MAX_MEANING_LENGTH = 8_192;

export const NOTHING_DEFINED: Defined = new Map();
export const NO_DEFINITIONS: Definitions = {
  meanings: NOTHING_DEFINED,
  size: 0,
  full: false,
  nested: false,
};

export function nameKey(kind: NameKind, name: string): string {
  return `${kind} ${name}`;
}

/** What a name means that nobody defined: a variable can come from the environment, any other is not there. */
export function meaningsWhenUndefined(key: string): Meanings {
  return key.includes(' ') ? NOTHING : UNKNOWN;
}
const NOTHING: Meanings = [];
const UNKNOWN: Meanings = [null];

/** All alternatives of both, those of `later` last. */
export function eitherOf(earlier: Meanings, later: Meanings): Meanings {
  if (earlier === later) return later;
  const all = [...earlier.filter((meaning) => !later.includes(meaning)), ...later];
  if (all.length <= MAX_MEANINGS) return all;
  const kept = all.filter((meaning) => meaning !== null).slice(1 - MAX_MEANINGS);
  return [null, ...kept];
}

/**
 * The definitions after a line was let through to a shell. `sure`: it is known that a shell read it and which;
 * otherwise what held before may hold still.
 */
export function definitionsAfter(
  definitions: Definitions,
  reading: DefiningReading,
  sure = true,
): Definitions {
  const nested = definitions.nested || reading.commandsFromInput;
  if (reading.defines.size === 0)
    return nested === definitions.nested ? definitions : { ...definitions, nested };
  const replaces = sure && !definitions.nested && !reading.unparsable;
  const meanings = new Map(definitions.meanings);
  let { size, full } = definitions;
  for (const [key, defined] of reading.defines) {
    const before = meanings.get(key);
    const after = replaces ? defined : eitherOf(before ?? meaningsWhenUndefined(key), defined);
    if (before !== undefined) size -= sizeOf(key, before);
    meanings.delete(key);
    // A name without an entry says the same.
    if (sameMeanings(after, meaningsWhenUndefined(key))) continue;
    if (meanings.size < MAX_NAMES && size + sizeOf(key, after) <= MAX_SIZE) {
      meanings.set(key, after);
      size += sizeOf(key, after);
    } else if (key.includes(' ')) {
      full = true;
      if (before !== undefined) {
        meanings.set(key, before);
        size += sizeOf(key, before);
      }
    }
    // A variable that is not kept is one that is not known.
  }
  return { meanings, size, full, nested };
}

function sizeOf(key: string, meanings: Meanings): number {
  return meanings.reduce((sum, meaning) => sum + (meaning?.length ?? 0) + 1, key.length);
}

export function sameMeanings(left: Meanings, right: Meanings): boolean {
  return left.length === right.length && left.every((meaning) => right.includes(meaning));
}
