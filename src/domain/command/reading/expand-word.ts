import { parse, type ParameterExpansionPart, type Word, type WordPart } from 'unbash';
import { expandBraces } from './expand-braces.ts';
import { literalField, type Field } from './field.ts';
import { placeOf, spend, type Frame, type ReadState } from './read-state.ts';

/** Words of these characters alone mean themselves. */
const PLAIN = /^[A-Za-z0-9_./:=@%+,^#!~\]}-]+$/;

/** Expands one word into the arguments it becomes: braces, quoting, expansions, word splitting. */
export function expandWord(word: Word, state: ReadState, frame: Frame): readonly Field[] {
  const span = placeOf(frame, word);
  if (PLAIN.test(word.text)) return [literalField(word.text, span)];
  if (!spend(state, frame)) return [{ ...literalField(word.value, span), certain: false }];
  const { parts } = word;
  if (parts === undefined) return [{ ...literalField(word.value, span), source: word.text }];
  if (parts.some((part) => part.type === 'BraceExpansion')) return expandBraceWord(word, state, frame);
  const builder = new FieldBuilder(word.text, span.start, span.end);
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
  return alternatives.flatMap((source): readonly Field[] => {
    // Behind another word, so that nothing is taken for a keyword or an assignment.
    const statement = parse(`: ${source}`).commands[0];
    const argument = statement?.command.type === 'Command' ? statement.command.args[0] : undefined;
    if (argument?.type !== 'Word') return [];
    if (argument.text === word.text) return [literalField(argument.value, span)];
    if (argument.parts?.some((part) => part.type === 'BraceExpansion') === true)
      return [literalField(argument.value, span)];
    return expandWord(argument, state, { ...frame, span });
  });
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
    case 'SimpleExpansion':
      addVariable(part.text.slice(1), builder, state);
      return;
    case 'ParameterExpansion':
      state.walker.nested(part, state, frame);
      if (isWholeArray(part)) addVariable(`${part.parameter}[@]`, builder, state);
      else builder.addValue(parameterValue(part, state));
      return;
    case 'CommandExpansion':
      builder.addValue(state.walker.nested(part, state, frame));
      return;
    case 'ArithmeticExpansion':
    case 'ProcessSubstitution':
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

function addVariable(name: string, builder: FieldBuilder, state: ReadState): void {
  const { quoted } = builder;
  // `"$@"` is as many words as there are parameters.
  if (name.endsWith('@') || name.endsWith('[@]')) builder.quoted = false;
  builder.addValue(state.variables.get(name) ?? undefined);
  builder.quoted = quoted;
}

/** `${name[@]}` and `${name[*]}` with nothing done to them. */
function isWholeArray(part: ParameterExpansionPart): boolean {
  const index = part.index?.text;
  return (index === '@' || index === '*') && part.operation === undefined && part.prefix === undefined;
}

/** The value of `${…}` where it is simple enough to say. */
function parameterValue(part: ParameterExpansionPart, state: ReadState): string | undefined {
  if (part.prefix !== undefined || part.index !== undefined) return undefined;
  const value = state.variables.get(part.parameter) ?? undefined;
  const { operation } = part;
  if (operation === undefined) return value;
  if (operation.type !== 'Default') return undefined;
  // A value nobody set here counts as unset: the default is what the line shows it could be.
  if (operation.operator.endsWith('+')) return operation.operand.value;
  return value === undefined || value === '' ? operation.operand.value : value;
}

/** Collects the pieces of a word into fields. */
class FieldBuilder {
  quoted = false;
  readonly #source: string;
  readonly #start: number;
  readonly #end: number;
  readonly #fields: Field[] = [];
  #text = '';
  #certain = true;
  #pattern = false;
  /** Something that is there even when empty: a literal, a quotation. */
  #solid = false;
  #unknown = false;
  #expanded = false;

  constructor(source: string, start: number, end: number) {
    this.#source = source;
    this.#start = start;
    this.#end = end;
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
    if (value === undefined) {
      this.#certain = false;
      this.#unknown = true;
      return;
    }
    if (this.quoted) {
      this.addText(value);
      return;
    }
    const [first = '', ...rest] = value.split(/[ \t\n]+/);
    this.#addSplit(first);
    for (const piece of rest) {
      this.#close();
      this.#addSplit(piece);
    }
  }

  finish(): readonly Field[] {
    this.#close();
    return this.#fields;
  }

  #addSplit(piece: string): void {
    if (piece !== '') this.addText(piece);
  }

  #close(): void {
    if (this.#solid || this.#unknown) {
      this.#fields.push({
        text: this.#text,
        certain: this.#certain,
        pattern: this.#pattern,
        expanded: this.#expanded,
        mayVanish: !this.#solid,
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
