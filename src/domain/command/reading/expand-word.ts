import { parse, type ParameterExpansionPart, type Word, type WordPart } from 'unbash';
import { expandBraces } from './expand-braces.ts';
import { literalField, type Field } from './field.ts';
import {
  listKey,
  listValue,
  parameterList,
  parameterValue,
  separators,
  variableValue,
} from './parameter-value.ts';
import { COST, placeOf, spend, type Frame, type ReadState } from './read-state.ts';
import { weighSource } from './weigh-source.ts';

/** Words of these characters alone mean themselves. */
const PLAIN = /^[A-Za-z0-9_./:=@%+,^#!~\]}-]+$/;

/** Expands one word into the arguments it becomes: braces, quoting, expansions, word splitting. */
export function expandWord(word: Word, state: ReadState, frame: Frame): readonly Field[] {
  const span = placeOf(frame, word);
  if (PLAIN.test(word.text)) return [literalField(word.text, span)];
  if (!spend(state, frame, COST.word)) return [{ ...literalField(word.value, span), certain: false }];
  const { parts } = word;
  if (parts === undefined) return [{ ...literalField(word.value, span), source: word.text }];
  if (parts.some((part) => part.type === 'BraceExpansion')) return expandBraceWord(word, state, frame);
  const builder = new FieldBuilder(word.text, span.start, span.end, separators(state));
  for (const part of parts) addPart(part, builder, state, frame);
  return builder.finish();
}

function expandBraceWord(word: Word, state: ReadState, frame: Frame): readonly Field[] {
  const span = placeOf(frame, word);
  const alternatives = expandBraces(word.text);
  if (alternatives === undefined) {
    state.dynamic = true;
    return [{ ...literalField(word.value, span), certain: false }];
  }
  state.budget -= COST.word * alternatives.length;
  return alternatives.flatMap((source): readonly Field[] => {
    if (state.budget < 0) return [];
    const line = asArgument(source);
    const argument = parseArgument(line);
    if (argument === undefined) return [];
    if (argument.text === word.text) return [literalField(argument.value, span)];
    if (argument.parts?.some((part) => part.type === 'BraceExpansion') === true)
      return [literalField(argument.value, span)];
    return expandWord(argument, state, { ...frame, span, source: line });
  });
}

/** Behind another word, so that nothing is taken for a keyword or an assignment. */
function asArgument(source: string): string {
  return `: ${source}`;
}

function parseArgument(line: string): Word | undefined {
  const statement = parse(line).commands[0];
  const argument = statement?.command.type === 'Command' ? statement.command.args[0] : undefined;
  return argument?.type === 'Word' ? argument : undefined;
}

/** Flags of zsh: `${(f)…}`. */
const FLAGS = /^\([^)]{0,64}\)/;

/**
 * zsh expands what stands in the place of a name: `${$(su)}`, `${(f)$(su)}`, `${${x}}`. To bash that is a bad
 * substitution. Read for what it runs; what comes out is not known.
 */
function readNested(part: ParameterExpansionPart, state: ReadState, frame: Frame): void {
  const line = asArgument(`"${part.text.slice(2, -1).replace(FLAGS, '')}"`);
  const inside: Frame = { ...frame, span: placeOf(frame, part), depth: frame.depth + 1, source: line };
  if (!spend(state, inside, COST.source + weighSource(line))) return;
  const word = parseArgument(line);
  if (word !== undefined) expandWord(word, state, inside);
}

function addPart(part: WordPart, builder: FieldBuilder, state: ReadState, frame: Frame): void {
  switch (part.type) {
    case 'Literal':
      builder.addText(part.value);
      return;
    case 'SingleQuoted':
    case 'AnsiCQuoted':
      builder.addText(part.value);
      return;
    case 'DoubleQuoted':
    case 'LocaleString':
      builder.addText('');
      builder.quoted = true;
      for (const child of part.parts) addPart(child, builder, state, frame);
      builder.quoted = false;
      return;
    case 'Glob':
      state.walker.nested(part, state, frame);
      // A bracket is read as any one character: more is stopped, nothing slips through.
      builder.addPattern(part.kind === 'star' ? '*' : '?');
      return;
    case 'ExtendedGlob':
      state.walker.nested(part, state, frame);
      builder.addPattern('*');
      return;
    case 'SimpleExpansion': {
      const name = part.text.slice(1);
      const key = listKey(name);
      if (key === undefined) addValue(variableValue(name, state), builder, state);
      else addList(listValue(key, state), name === '*', builder, state);
      return;
    }
    case 'ParameterExpansion': {
      state.walker.nested(part, state, frame);
      if (part.operation?.type === 'Unknown') readNested(part, state, frame);
      const key = part.prefix === undefined ? listKey(part.parameter, part.index?.text) : undefined;
      if (key === undefined || part.operation?.type === 'Default')
        addValue(parameterValue(part, state), builder, state);
      else addList(parameterList(key, part, state), part.parameter === '*', builder, state);
      return;
    }
    case 'CommandExpansion':
      addValue(state.walker.nested(part, state, frame), builder, state);
      return;
    case 'ProcessSubstitution':
      builder.content = state.walker.nested(part, state, frame);
      builder.addUnknownText();
      return;
    case 'ArithmeticExpansion':
      state.walker.nested(part, state, frame);
      builder.addUnknownText();
      return;
    case 'BraceExpansion':
      builder.addText(part.text);
      return;
    default:
      part satisfies never;
  }
}

function addValue(value: string | undefined, builder: FieldBuilder, state: ReadState): void {
  if (value !== undefined) state.budget -= value.length >> 6;
  builder.addValue(value);
}

/** `"$@"` and `"${a[@]}"` are as many words as there are elements; `"$*"` is one. */
function addList(
  list: readonly (string | null)[] | undefined,
  isOne: boolean,
  builder: FieldBuilder,
  state: ReadState,
): void {
  if (list === undefined) {
    builder.addValue(undefined);
    return;
  }
  state.budget -= list.length;
  for (const [at, element] of list.entries()) {
    if (at > 0) {
      if (isOne && builder.quoted) builder.addText(' ');
      else builder.endField();
    }
    builder.addElement(element);
  }
}

/** A value that is not quoted is matched against file names: `X='/bin/s?'; $X`. */
const FILE_PATTERN = /[*?]|\[[^\]]{1,64}\]|[@+!]\(/;
/** Longer arguments are not put together from values. */
const MAX_BUILT_LENGTH = 65_536;

/** Collects the pieces of a word into fields. */
class FieldBuilder {
  quoted = false;
  content: string | undefined;
  readonly #source: string;
  readonly #start: number;
  readonly #end: number;
  readonly #separators: RegExp;
  readonly #fields: Field[] = [];
  #text = '';
  #certain = true;
  #pattern = false;
  /** Something that is there even when empty: a literal, a quotation. */
  #solid = false;
  #unknown = false;
  #expanded = false;

  constructor(source: string, start: number, end: number, separators: RegExp) {
    this.#source = source;
    this.#start = start;
    this.#end = end;
    this.#separators = separators;
  }

  addText(text: string): void {
    this.#text += text;
    this.#solid = true;
  }

  addPattern(text: string): void {
    this.#text += text;
    this.#solid = true;
    this.#pattern = true;
    this.#certain = false;
  }

  /** Text that is not empty, but not known. */
  addUnknownText(): void {
    this.#expanded = true;
    this.#solid = true;
    this.#certain = false;
  }

  /** The result of an expansion; undefined when it is known only at run time. */
  addValue(value: string | undefined): void {
    this.#expanded = true;
    if (value === undefined || this.#text.length + value.length > MAX_BUILT_LENGTH) {
      this.#certain = false;
      this.#unknown = true;
      return;
    }
    if (this.quoted) {
      this.addText(value);
      return;
    }
    const [first = '', ...rest] = value.split(this.#separators);
    this.#addSplit(first);
    for (const piece of rest) {
      this.#close();
      this.#addSplit(piece);
    }
  }

  /** One of several words. A pattern in it was matched where it was given, quoted here or not. */
  addElement(element: string | null): void {
    this.#expanded = true;
    if (element === null) {
      if (this.quoted) this.addUnknownText();
      else this.addValue(undefined);
    } else if (this.quoted) this.#addSplit(element, true);
    else this.addValue(element);
  }

  endField(): void {
    this.#close();
    this.#expanded = true;
  }

  finish(): readonly Field[] {
    this.#close();
    return this.#fields;
  }

  #addSplit(piece: string, isSolid = false): void {
    this.#solid ||= isSolid;
    if (piece === '') return;
    if (!FILE_PATTERN.test(piece)) this.addText(piece);
    // A bracket stands for one character; a group of alternatives for anything.
    else
      this.addPattern(piece.replaceAll(/\[[^\]]{1,64}\]/g, '?').replaceAll(/[@+!*?]\([^)]{0,256}\)/g, '*'));
  }

  #close(): void {
    if (this.#solid || this.#unknown) {
      this.#fields.push({
        text: this.#text,
        certain: this.#certain,
        pattern: this.#pattern,
        expanded: this.#expanded,
        mayVanish: !this.#solid,
        content: this.content,
        source: this.#source,
        start: this.#start,
        end: this.#end,
      });
    }
    this.#text = '';
    this.#certain = true;
    this.#pattern = false;
    this.#solid = false;
    this.#unknown = false;
  }
}
