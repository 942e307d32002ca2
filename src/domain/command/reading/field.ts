/** One argument as the program would get it, as far as that is known before it runs. */
export interface Field {
  /** The text with quoting removed; parts that are not known are left out. */
  readonly text: string;
  /** False when a part is known only at run time, or a file name pattern stands in it. */
  readonly certain: boolean;
  /** An unquoted `*`, `?` or `[…]` stands in the text. */
  readonly pattern: boolean;
  /** An expansion had a part in it, known or not. */
  readonly expanded: boolean;
  /** Nothing but unquoted expansions: if they are empty, the argument is not there at all. */
  readonly mayVanish: boolean;
  /** What the file holds that the text is the name of, if that is plain: `<(echo su)`. */
  readonly content: string | undefined;
  /** As written. */
  readonly source: string;
  /** Offsets in the line. */
  readonly start: number;
  readonly end: number;
}

export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A field whose text is known. */
export function literalField(text: string, { start, end }: Span): Field {
  return {
    text,
    certain: true,
    pattern: false,
    expanded: false,
    mayVanish: false,
    content: undefined,
    source: text,
    start,
    end,
  };
}

/** The last component of a path: what a program is called by. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
