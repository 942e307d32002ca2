import type { Command, Word } from 'unbash';
import { nameKey } from '../definitions.ts';
import { placeOf, type Frame, type Output, type ReadState } from './read-state.ts';

/** Aliases in a row that end in a blank. */
const MAX_CHAIN = 8;
/** Where an alias of csh puts the arguments: `\!*`, `!:1`. */
const ARGUMENTS_OF_CSH = /\\?!(?:\*|:\d|\^|\$)/g;

/**
 * Runs what a command becomes when its words are replaced by aliases (Bash manual 6.6; global and suffix
 * aliases of zsh). What the words are without them is read as well, by the caller. Undefined when there is none.
 */
export function walkAliases(
  command: Command,
  name: Word,
  state: ReadState,
  frame: Frame,
): { readonly output: Output } | undefined {
  const words = [name, ...command.args].map(({ text }) => text);
  const inside: Frame = { ...frame, span: placeOf(frame, command), depth: frame.depth + 1 };
  let replaced = 0;
  let output: Output;
  const run = (key: string, source: (meaning: string) => string): void => {
    for (const meaning of state.bindings.get(key)) {
      replaced += 1;
      state.expansions -= 1;
      if (meaning === null || state.expansions < 0) state.dynamic = true;
      else
        output = state.walker.source(source(meaning), state, { ...inside, within: [...frame.within, key] });
    }
  };
  const [first = '', ...rest] = words;
  const key = nameKey('alias', first);
  if (!frame.within.includes(key)) run(key, (meaning) => joinAlias(meaning, rest, state));
  const ending = first.slice(first.lastIndexOf('.') + 1);
  if (ending !== first) run(nameKey('suffix', ending), (meaning) => `${meaning} ${words.join(' ')}`);
  for (const [index, word] of words.entries()) {
    const global = nameKey('global', word);
    if (!frame.within.includes(global)) run(global, (meaning) => words.with(index, meaning).join(' '));
  }
  if (replaced === 0) return undefined;
  return { output: replaced === 1 ? output : undefined };
}

/** An alias that ends in a blank lets the next word be one, too. */
function joinAlias(meaning: string, rest: readonly string[], state: ReadState): string {
  const args = [...rest];
  let last = meaning;
  for (let at = 0; at < MAX_CHAIN && /[ \t]$/.test(last); at += 1) {
    const next = state.bindings.get(nameKey('alias', args[at] ?? '')).at(-1);
    if (next === undefined || next === null) break;
    args[at] = next;
    last = next;
  }
  const joined = args.join(' ');
  const placed = meaning.replaceAll(ARGUMENTS_OF_CSH, () => joined);
  return placed === meaning ? `${meaning} ${joined}` : placed;
}
