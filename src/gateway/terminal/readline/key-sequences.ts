/**
 * What the keys of a terminal do that send more than one character. Readline binds these by itself, in both of
 * its modes, insert or command. What only some terminals or some `/etc/inputrc` bind (`ESC [ 1 ~` for Home) is
 * left out: the screen tells what it did.
 */
export type KeyName =
  | 'left'
  | 'right'
  | 'home'
  | 'end'
  | 'delete'
  | 'wordLeft'
  | 'wordRight'
  | 'deleteWord'
  | 'pasteBegin';

const SEQUENCES: Readonly<Record<string, KeyName>> = {
  '[D': 'left',
  OD: 'left',
  '[C': 'right',
  OC: 'right',
  '[H': 'home',
  OH: 'home',
  '[F': 'end',
  OF: 'end',
  '[3~': 'delete',
  '[1;5D': 'wordLeft',
  '[1;3D': 'wordLeft',
  '[1;5C': 'wordRight',
  '[1;3C': 'wordRight',
  '[3;5~': 'deleteWord',
  '[200~': 'pasteBegin',
};

const PREFIXES: ReadonlySet<string> = new Set(
  Object.keys(SEQUENCES).flatMap((sequence) =>
    Array.from({ length: sequence.length - 1 }, (_, index) => sequence.slice(0, index + 1)),
  ),
);

/** What was typed behind ESC: a key, the beginning of one, or something else. */
export function keyNamed(sequence: string): KeyName | 'incomplete' | undefined {
  return PREFIXES.has(sequence) ? 'incomplete' : SEQUENCES[sequence];
}
