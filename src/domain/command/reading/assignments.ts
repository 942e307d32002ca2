import type { Assignment } from 'unbash';
import { MAX_MEANING_LENGTH, nameKey, type NameKind } from '../definitions.ts';
import { literalField, type Field } from './field.ts';
import { knownText } from './functions.ts';
import { decodeList, encodeList } from './lists.ts';
import { COST, placeOf, spend, type Frame, type ReadState } from './read-state.ts';
import { runSource } from './run-source.ts';
import { RUN_AS_COMMAND, RUN_AS_FILE, RUN_AS_PROMPT } from './run-variables.ts';

/** Arrays of bash and zsh through which names are given other meanings. */
const NAME_ARRAYS: Readonly<Record<string, NameKind>> = {
  BASH_ALIASES: 'alias',
  BASH_CMDS: 'path',
  aliases: 'alias',
  galiases: 'global',
  saliases: 'suffix',
  functions: 'function',
  commands: 'path',
};

/** An assignment is reported as a program named `=`, so that rules can speak about it (`= HISTFILE=*`). */
export function walkAssignment(part: Assignment, state: ReadState, frame: Frame): void {
  if (!spend(state, frame, COST.assignment)) return;
  const value = assign(part, state, frame);
  state.programs.push({
    name: '=',
    args: [value === undefined ? part.text : `${part.name}=${value.text}`],
    ...placeOf(frame, part),
    nameIsPattern: false,
    uncertainArgs: value?.certain === true ? [] : [0],
  });
}

/** Takes note of the value; gives it as one field. Undefined for a list. */
export function assign(assignment: Assignment, state: ReadState, frame: Frame): Field | undefined {
  const { name, value, index, append } = assignment;
  const element = index === undefined ? undefined : state.walker.words([index], state, frame)[0];
  if (value.type === 'ArrayValue') {
    assignArray(name, state.walker.words(value.elements, state, frame), append === true, state);
    return undefined;
  }
  const field = valueOf(assignment, state, frame);
  if (field === undefined) return undefined;
  if (element === undefined) assignField(name, field, append === true, state, frame);
  else assignElement(name, element, field.certain ? field.text : null, state);
  return field;
}

/** A variable gets a value; some values are run by whoever reads the variable. */
export function assignField(
  name: string,
  field: Field,
  append: boolean,
  state: ReadState,
  frame: Frame,
): void {
  assignText(name, field.certain || field.pattern ? field.text : null, append, state);
  if (RUN_AS_FILE.has(name)) state.dynamic = true;
  if (field.text !== '') noteRunLater(name, field, state, frame);
}

/** The value as one field. Undefined for a list. */
export function valueOf({ value }: Assignment, state: ReadState, frame: Frame): Field | undefined {
  if (value.type === 'ArrayValue') return undefined;
  const pieces = state.walker.words([value], state, frame);
  const text = pieces.map((piece) => piece.text).join(' ');
  const certain = pieces.every((piece) => piece.certain || piece.pattern);
  return { ...literalField(text, placeOf(frame, value)), certain };
}

/** A variable gets a text; null when it is not known. */
export function assignText(name: string, text: string | null, append: boolean, state: ReadState): void {
  const { bindings } = state;
  const before = append ? bindings.get(name) : [''];
  const meanings = before.map((start) => {
    const whole = start === null || text === null ? null : start + text;
    return whole === null || whole.length > MAX_MEANING_LENGTH ? null : whole;
  });
  // What is not taken over, or not as it was given, can be anything.
  if (bindings.get(nameKey('attribute', name)).length > 0) bindings.add(name, [null, ...meanings]);
  else bindings.set(name, meanings);
}

/** A variable gets a list of values. */
export function assignArray(
  name: string,
  elements: readonly Field[],
  append: boolean,
  state: ReadState,
): void {
  const kind = arrayKind(name);
  for (const { text } of elements) {
    const match = /^\[([^\]]+)\]=(.*)$/s.exec(text);
    if (match === null) continue;
    const [, index = '', value = ''] = match;
    state.bindings.set(kind === undefined ? `${name}[${index}]` : nameKey(kind, index), [value]);
  }
  const texts = elements.map(knownText);
  const hasIndexes = elements.some(({ text }) => text.startsWith('['));
  const list = hasIndexes ? null : encodeList(texts);
  const { bindings } = state;
  const before = append ? bindings.get(`${name}[@]`) : [''];
  const lists = before.map((start) =>
    start === null || list === null ? null : encodeList([...decodeList(start), ...decodeList(list)]),
  );
  bindings.set(`${name}[@]`, lists);
  assignText(name, append ? null : (texts[0] ?? null), false, state);
}

function assignElement(name: string, index: Field, text: string | null, state: ReadState): void {
  const { bindings } = state;
  const kind = arrayKind(name);
  if (kind !== undefined) bindings.set(nameKey(kind, index.text), [text]);
  if (index.certain) bindings.set(`${name}[${index.text}]`, [text]);
  const at = index.certain && /^\d{1,4}$/.test(index.text) ? Number(index.text) : -1;
  const lists = bindings.get(`${name}[@]`).map((list) => {
    const elements = list === null ? [] : decodeList(list);
    if (list === null || at < 0 || at > elements.length) return null;
    return encodeList([...elements.slice(0, at), text, ...elements.slice(at + 1)]);
  });
  bindings.set(`${name}[@]`, lists);
  bindings.add(name, [at === 0 ? text : null]);
}

function arrayKind(name: string): NameKind | undefined {
  return Object.hasOwn(NAME_ARRAYS, name) ? NAME_ARRAYS[name] : undefined;
}

/** `PROMPT_COMMAND=su` runs at the next prompt; a prompt text runs the substitutions in it. */
function noteRunLater(name: string, field: Field, state: ReadState, frame: Frame): void {
  const here = { parameters: [], sameShell: true };
  if (name === 'PROMPT_COMMAND') {
    state.dynamic = true;
    runSource({ source: field, ...here }, state, frame);
  } else if (RUN_AS_PROMPT.has(name) && /[$`]/.test(field.text)) {
    state.dynamic = true;
    const text = `: "${field.text.replaceAll('"', '\\"')}"`;
    runSource({ source: { ...field, text }, ...here }, state, frame);
  } else if (RUN_AS_COMMAND.has(name)) {
    runSource({ source: field, parameters: [], sameShell: false }, state, frame);
  }
}
