import { matchesWildcard } from '../matching/wildcard.ts';
import { COMMAND_INPUT, COMMAND_OPTIONS } from './command-options.ts';
import { embeddedCommands, type Language } from './embedded-commands.ts';
import { literalField, type Field } from './field.ts';
import { innerJoined, innerSource, UNKNOWN_INNER, type Inner } from './inner.ts';

interface Row {
  /** An argument that must be there. */
  readonly verb: string | undefined;
  readonly options: readonly string[];
  readonly language: Language;
}

const ROWS = new Map<string, Row[]>();
for (const { programs, options, language } of COMMAND_OPTIONS) {
  const names = programs.split(' ');
  const verb = names[0] === 'git' ? names[1] : undefined;
  for (const name of verb === undefined ? names : ['git'])
    ROWS.set(name, [...(ROWS.get(name) ?? []), { verb, options: options.split(' '), language }]);
}

const INPUTS = new Map(
  COMMAND_INPUT.flatMap(({ programs, language }) =>
    programs.split(' ').map((name) => [name, language] as const),
  ),
);

/** What a program runs that takes commands in its options, or on its standard input. */
export function unwrapOptions(program: string, args: readonly Field[]): readonly Inner[] {
  const name = ROWS.has(program) ? program : program.replace(/-?[\d.]+$/, '');
  const inner = (ROWS.get(name) ?? []).flatMap((row) => runBy(row, args));
  const language = INPUTS.get(name);
  if (language === undefined || !readsInput(name, args, inner.length > 0)) return inner;
  return [...inner, { runs: 'input', language }];
}

/** Whether what it works on comes from the standard input, as far as the arguments say. */
function readsInput(name: string, args: readonly Field[], hasCommand: boolean): boolean {
  switch (INPUTS.get(name)) {
    case 'code':
      return !hasCommand && args.every((arg) => arg.text.startsWith('-'));
    case 'makefile':
      return args.some(
        (arg, at) =>
          arg.text === '-f-' || (/^-\w*f$|^--(make)?file$/.test(arg.text) && args[at + 1]?.text === '-'),
      );
    case 'crontab':
      return args.every((arg, at) => arg.text === '-' || arg.text === '-u' || args[at - 1]?.text === '-u');
    case 'shell':
      return (
        args.every((arg) => !/^:{3,4}\+?$/.test(arg.text)) && args.every((arg) => arg.text.startsWith('-'))
      );
    default:
      return true;
  }
}

function runBy({ verb, options, language }: Row, args: readonly Field[]): readonly Inner[] {
  if (verb !== undefined && !args.some((arg) => arg.text === verb)) return [];
  const inner: Inner[] = [];
  for (const [at, arg] of args.entries()) {
    for (const option of options) {
      const value = valueOf(option, arg, at, args);
      if (value === undefined) continue;
      inner.push(...(language === 'rest' ? restOf(value, at, args) : runText(language, value)));
      break;
    }
  }
  return inner;
}

/** Everything from the value on. */
function restOf(value: Field, at: number, args: readonly Field[]): readonly Inner[] {
  return innerJoined(value === args[at + 1] ? args.slice(at + 1) : [value, ...args.slice(at + 1)]);
}

/** The commands in a text that stands in the line. */
export function runText(language: Language, text: Field): readonly Inner[] {
  if (language === 'shell' || language === 'rest') return innerSource(text);
  if (language === 'script' && text.content !== undefined)
    return runText('code', literalField(text.content, text));
  const { sources, unknown } = embeddedCommands(language, text.text);
  const inner = sources.flatMap((source) => innerSource(literalField(source, text)));
  // What is put in at run time can be anything.
  const isOpen = unknown || (inner.length > 0 && !text.certain);
  return isOpen ? [...inner, ...UNKNOWN_INNER] : inner;
}

/** The value that an argument gives to an option; undefined when it does not. */
function valueOf(option: string, arg: Field, at: number, args: readonly Field[]): Field | undefined {
  const { text } = arg;
  const next = args[at + 1];
  const attached = (from: number): Field => ({ ...arg, text: text.slice(from) });
  if (option === '*') return text.startsWith('-') ? undefined : arg;
  if (option === '1') return isFirstOperand(at, args) ? arg : undefined;
  if (option.startsWith('=')) return text === option.slice(1) ? next : undefined;
  if (option === '+') return text.startsWith('+') && text.length > 1 ? attached(1) : undefined;
  if (/^-[A-Za-z]$/.test(option)) {
    const letter = clusterLetter(text, option.charAt(1));
    if (letter < 0) return undefined;
    return letter === text.length - 1 ? next : attached(letter + 1);
  }
  if (option.startsWith('-')) {
    const equals = text.indexOf('=');
    const name = equals < 0 ? text : text.slice(0, equals);
    const isIt = name === option || (option.startsWith('--') && name.length > 4 && option.startsWith(name));
    if (!isIt) return undefined;
    return equals < 0 ? next : attached(equals + 1);
  }
  return settingOf(option, arg, at, args);
}

/** `name=value`, `name value` in one argument or in two; behind `-o` as well. */
function settingOf(option: string, arg: Field, at: number, args: readonly Field[]): Field | undefined {
  const match = /^(?:-o)?([\w.:*-]+)(\s*=\s*|\s+)?/.exec(arg.text);
  if (match === null) return undefined;
  const [whole, name = '', between] = match;
  if (!matchesWildcard(option.replace(/=$/, ''), name.toLowerCase())) return undefined;
  // `exec:su` is all in one.
  if (option.includes(':')) return arg;
  if (between !== undefined) return { ...arg, text: arg.text.slice(whole.length) };
  // `git config KEY VALUE`; any other argument that looks like a key is none.
  const isNext = option.includes('.') ? args.some(({ text }) => text === 'config') : !option.endsWith('=');
  return isNext ? args[at + 1] : undefined;
}

/** Where a letter stands among joined options. */
function clusterLetter(text: string, letter: string): number {
  const match = /^-[A-Za-z0-9]+/.exec(text);
  return match === null ? -1 : match[0].indexOf(letter, 1);
}

/** Operands of `sed` and `awk` begin with the program, unless an option has brought it. */
function isFirstOperand(at: number, args: readonly Field[]): boolean {
  const isOperand = (index: number): boolean => {
    const text = args[index]?.text ?? '';
    if (text.startsWith('-') && text.length > 1) return false;
    return !/^-[vFflEs]$|^--(field-separator|assign|file|line-length)$/.test(args[index - 1]?.text ?? '');
  };
  return isOperand(at) && !args.some((_, index) => index < at && isOperand(index));
}
