import { eitherOf, MAX_MEANINGS, nameKey, type Meanings, type NameKind } from '../definitions.ts';
import { assignArray, assignField, assignText } from './assignments.ts';
import { literalField, type Field } from './field.ts';
import { bindFunction, knownText } from './functions.ts';
import { printed } from './known-output.ts';
import { decodeList, encodeList } from './lists.ts';
import { separators } from './parameter-value.ts';
import { COST, spend, type Frame, type ReadState } from './read-state.ts';

/** A command of the shell that changes what later words mean. */
type Effect = (args: readonly Field[], state: ReadState, frame: Frame) => void;

const EFFECTS: ReadonlyMap<string, Effect> = new Map<string, Effect>(
  Object.entries({
    alias: defineAliases,
    abbr: (args, state) => bindWords('alias', operandsOf(args), state),
    unalias: (args, state) => forget(['alias', 'global', 'suffix'], args, state),
    unset: unset,
    export: declare,
    declare,
    typeset: declare,
    local: declare,
    readonly: (args, state, frame) => declare(args, state, frame, true),
    set: setParameters,
    shift,
    read: readVariables,
    mapfile: readLines,
    readarray: readLines,
    printf: printVariable,
    hash: hashPath,
    getopts: (args, state) => {
      for (const arg of args.slice(1, 2)) assignText(arg.text, null, false, state);
    },
  } satisfies Record<string, Effect>),
);

/** Whether the command only changes what names mean; any other can fail on its own. */
export function changesShell(name: string): boolean {
  return name === 'command' || name === 'builtin' || (name !== 'printf' && EFFECTS.has(name));
}

/** What a command of the shell does to names. */
export function noteShellState(name: string, args: readonly Field[], frame: Frame, state: ReadState): void {
  const effect = EFFECTS.get(name);
  if (effect === undefined || !spend(state, frame, COST.effect + COST.argument * args.length)) return;
  const { bindings } = state;
  const { mark } = bindings;
  const isRedefined =
    bindings.get(nameKey('alias', name)).length + bindings.get(nameKey('function', name)).length > 0;
  effect(args, state, frame);
  // It may not be the command it is called by.
  if (isRedefined) bindings.settle(mark);
}

function operandsOf(args: readonly Field[]): readonly Field[] {
  return args.filter((arg) => !/^-./.test(arg.text));
}

function hasOption(args: readonly Field[], letter: string): boolean {
  return args.some((arg) => /^-[A-Za-z]+$/.test(arg.text) && arg.text.includes(letter));
}

/** `alias x=sudo`, `alias x sudo` (fish, csh), `alias -g`, `alias -s` (zsh). */
function defineAliases(args: readonly Field[], state: ReadState): void {
  const options = args.filter((arg) => /^-[A-Za-z]+$/.test(arg.text));
  const kind = aliasKind(options);
  const operands = operandsOf(args);
  const assignments = operands.filter((arg) => arg.text.indexOf('=') > 0);
  for (const arg of assignments) {
    const equals = arg.text.indexOf('=');
    const meaning = knownText(arg)?.slice(equals + 1) ?? null;
    state.bindings.set(nameKey(kind, arg.text.slice(0, equals)), [meaning]);
  }
  if (assignments.length === 0) bindWords(kind, operands, state);
}

function aliasKind(options: readonly Field[]): NameKind {
  if (hasOption(options, 'g')) return 'global';
  return hasOption(options, 's') ? 'suffix' : 'alias';
}

/** A name and the words it stands for. */
function bindWords(kind: NameKind, [name, ...words]: readonly Field[], state: ReadState): void {
  if (name === undefined || words.length === 0) return;
  const texts = words.map(knownText);
  state.bindings.set(nameKey(kind, name.text), [texts.includes(null) ? null : texts.join(' ')]);
}

function forget(kinds: readonly NameKind[], args: readonly Field[], { bindings }: ReadState): void {
  const all = hasOption(args, 'a');
  for (const kind of kinds) {
    const names = all ? [...bindings.names(kind)] : operandsOf(args).map((arg) => arg.text);
    for (const name of names) bindings.set(nameKey(kind, name), []);
  }
}

function unset(args: readonly Field[], state: ReadState): void {
  const functionsOnly = hasOption(args, 'f');
  const names = operandsOf(args);
  if (!hasOption(args, 'v')) forget(['function'], names, state);
  if (functionsOnly) return;
  for (const { text } of names) {
    assignText(text, '', false, state);
    assignText(`${text}[@]`, '', false, state);
  }
}

/**
 * `export X=su`, also where the assignment is quoted. `declare -r`, `-l`, `-u` and `-n` give a variable that
 * does not take, or changes, what it is assigned later.
 */
function declare(args: readonly Field[], state: ReadState, frame: Frame, isReadonly = false): void {
  const { bindings } = state;
  const changesCase = hasOption(args, 'l') || hasOption(args, 'u');
  const isOdd = isReadonly || changesCase || hasOption(args, 'r') || hasOption(args, 'n');
  for (const arg of operandsOf(args)) {
    const [, name = '', plus, value] = /^([A-Za-z_]\w*)(?:(\+?)=(.*))?$/s.exec(arg.text) ?? [];
    if (name === '') continue;
    // A list was taken note of where it stands.
    const isList = !arg.certain && value === '';
    if (value !== undefined && !isList) {
      assignField(name, { ...arg, text: value }, plus === '+', state, frame);
      if (changesCase) bindings.add(name, [value.toLowerCase(), value.toUpperCase()]);
    }
    if (isOdd) bindings.set(nameKey('attribute', name), ['']);
  }
}

/** `set -- su`, `set a b`; `set X su` of fish, `set X = su` of csh. */
function setParameters(args: readonly Field[], state: ReadState): void {
  const dashes = args.findIndex((arg) => arg.text === '--' || arg.text === '-');
  const operands = dashes >= 0 ? args.slice(dashes + 1) : args.filter((arg) => !/^[-+]./.test(arg.text));
  if (operands.length > 0 || dashes >= 0) bindParameters(operands.map(knownText), state);
  const [name, ...values] = dashes >= 0 ? [] : operands;
  const assigned = /^([A-Za-z_]\w*)(?:=(.*))?$/s.exec(name?.text ?? '');
  if (assigned === null) return;
  const texts = [assigned[2], ...values.map((value) => value.text)].filter(
    (text) => text !== undefined && text !== '=',
  );
  state.bindings.add(assigned[1] ?? '', [texts.join(' ')]);
}

function bindParameters(texts: Meanings, { bindings }: ReadState): void {
  bindings.set('@', [encodeList(texts)]);
}

function shift(args: readonly Field[], { bindings }: ReadState): void {
  const [arg] = args;
  const count = arg === undefined ? 1 : Number(arg.text);
  const isKnown = (arg?.certain ?? true) && Number.isInteger(count) && count >= 0;
  const after = (all: string | null): string | null =>
    all === null || !isKnown ? null : encodeList(decodeList(all).slice(count));
  bindings.set('@', bindings.get('@').map(after));
}

/** `read x <<< su`. In a loop each line is read in turn, so any of them may be in it. */
function readVariables(args: readonly Field[], state: ReadState, { stdin }: Frame): void {
  const names = namesBehind(args, /^-[rse]*[adinNptu]$/);
  const targets = names.length === 0 ? ['REPLY'] : names;
  const lines = stdin.from === 'text' ? stdin.text.split('\n', MAX_MEANINGS) : [];
  for (const [index, name] of targets.entries()) {
    let meanings: Meanings = lines.length === 0 ? [null] : [];
    for (const line of lines) {
      const words = line.trim().split(separators(state));
      const text = index === targets.length - 1 ? words.slice(index).join(' ') : (words[index] ?? '');
      if (text !== '') meanings = eitherOf(meanings, [text]);
    }
    if (lines.length === MAX_MEANINGS) meanings = eitherOf([null], meanings);
    state.bindings.set(name, meanings.length === 0 ? [''] : meanings);
    if (hasOption(args, 'a')) state.bindings.set(`${name}[@]`, [null, ...meanings]);
  }
}

function readLines(args: readonly Field[], state: ReadState, { stdin }: Frame): void {
  const [name = 'MAPFILE'] = namesBehind(args, /^-[t]*[dnOsuCc]$/);
  if (stdin.from !== 'text') {
    for (const key of [name, `${name}[@]`]) state.bindings.set(key, [null]);
    return;
  }
  const lines = stdin.text.replace(/\n$/, '').split('\n', 256);
  assignArray(
    name,
    lines.map((text) => literalField(text, { start: 0, end: 0 })),
    false,
    state,
  );
}

/** Operands that are names; an option may take the argument behind it. */
function namesBehind(args: readonly Field[], takesValue: RegExp): readonly string[] {
  const names: string[] = [];
  for (let at = 0; at < args.length; at += 1) {
    const text = args[at]?.text ?? '';
    if (takesValue.test(text) && !text.endsWith('a')) at += 1;
    else if (/^[A-Za-z_]\w*$/.test(text)) names.push(text);
  }
  return names;
}

/** `printf -v X su`. */
function printVariable(args: readonly Field[], state: ReadState): void {
  const [option, name, ...rest] = args;
  if (option?.text !== '-v' || name === undefined) return;
  const known = rest.every((arg) => knownText(arg) !== null);
  assignText(name.text, known ? (printed(rest.map((arg) => arg.text)) ?? null) : null, false, state);
}

/** `hash -p FILE NAME`. */
function hashPath(args: readonly Field[], { bindings }: ReadState): void {
  const option = args.findIndex((arg) => arg.text === '-p');
  const file = args[option + 1];
  if (option < 0 || file === undefined) return;
  for (const name of args.slice(option + 2)) bindings.set(nameKey('path', name.text), [knownText(file)]);
}

/** Functions of fish, `function f; sudo $argv; end`, which no other shell parses. */
export function noteFishFunctions(source: string, state: ReadState): void {
  const headers = source.matchAll(/\bfunction[ \t]+([^\s;]{1,64})[^;\n]{0,256}[;\n]/g);
  let count = 0;
  for (const { 0: header, 1: name = '', index } of headers) {
    if (count >= MAX_FISH_FUNCTIONS) return;
    count += 1;
    const body = source.slice(index + header.length, index + header.length + 4_096);
    const end = body.search(/(?<=^|[;\s])end\b/);
    if (end >= 0) bindFunction(name, inBashTerms(body.slice(0, end)), state);
  }
}
const MAX_FISH_FUNCTIONS = 32;

function inBashTerms(body: string): string {
  return body
    .trim()
    .replace(/;$/, '')
    .replaceAll(/\$argv\[(\d)\]/g, '"$$$1"')
    .replaceAll(/\$argv\[[^\]]{0,64}\]/g, '$$argv')
    .trim();
}
