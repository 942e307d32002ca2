import { matchesWildcard } from '../matching/wildcard.ts';
import { COMMAND_INPUT, COMMAND_OPTIONS } from './command-options.ts';
import { embeddedCommands, type Language } from './embedded-commands.ts';
import { literalField, type Field } from './field.ts';
import { innerJoined, innerSource, UNKNOWN_INNER, type Inner } from './inner.ts';

interface Option {
  readonly name: string;
  /** What a setting is compared with. */
  readonly pattern: string;
  /** Its beginning, up to a wildcard. */
  readonly fixed: string;
  readonly language: Language;
  /** An argument that must be there as well. */
  readonly verb: string | undefined;
}

/** The options of one program, by how they are written. */
interface Options {
  /** `-x`, alone or among others. */
  readonly letters: Option[];
  /** `--long`, `-long`. */
  readonly long: Option[];
  /** `name=value`, by name, and those with a wildcard in the name. */
  readonly settings: Map<string, Option>;
  readonly patterns: Option[];
  readonly plus: Option[];
  readonly operands: Option[];
  readonly firstOperand: Option[];
}

const PROGRAMS = new Map<string, Options>();
for (const { programs, options, language } of COMMAND_OPTIONS) {
  const [first = '', ...others] = programs.split(' ');
  const verb = first === 'git' ? others[0] : undefined;
  for (const program of verb === undefined ? [first, ...others] : [first]) {
    const known = PROGRAMS.get(program) ?? {
      letters: [],
      long: [],
      settings: new Map(),
      patterns: [],
      plus: [],
      operands: [],
      firstOperand: [],
    };
    for (const name of options.split(' ')) {
      const pattern = name.replace(/=$/, '');
      const option = { name, pattern, fixed: pattern.replace(/\*.*$/, ''), language, verb };
      const list = listFor(name, known);
      if (list === undefined) known.settings.set(pattern, option);
      else list.push(option);
    }
    PROGRAMS.set(program, known);
  }
}

function listFor(name: string, options: Options): Option[] | undefined {
  if (name === '*') return options.operands;
  if (name === '1') return options.firstOperand;
  if (name === '+') return options.plus;
  if (/^-[A-Za-z]$/.test(name)) return options.letters;
  if (/^=?-/.test(name)) return options.long;
  return name.includes('*') ? options.patterns : undefined;
}

const INPUTS = new Map(
  COMMAND_INPUT.flatMap(({ programs, language }) =>
    programs.split(' ').map((name) => [name, language] as const),
  ),
);

/** What a program runs that takes commands in its options, or on its standard input. */
export function unwrapOptions(program: string, args: readonly Field[]): readonly Inner[] {
  // `python3.11`.
  const name = /\d$/.test(program) && !PROGRAMS.has(program) ? program.replace(/-?[\d.]+$/, '') : program;
  const options = PROGRAMS.get(name);
  const inner = options === undefined ? [] : runOptions(options, args);
  const language = INPUTS.get(name);
  if (language === undefined || !readsInput(language, args, inner.length > 0)) return inner;
  return [...inner, { runs: 'input', language }];
}

/** Whether what it works on comes from the standard input, as far as the arguments say. */
function readsInput(language: Language, args: readonly Field[], hasCommand: boolean): boolean {
  switch (language) {
    case 'code':
      return !hasCommand && args.every((arg) => arg.text.startsWith('-'));
    case 'makefile':
      return args.some(
        ({ text }, at) =>
          text === '-f-' || (/^-\w*f$|^--(make)?file$/.test(text) && args[at + 1]?.text === '-'),
      );
    case 'crontab':
      return args.every((arg, at) => arg.text === '-' || arg.text === '-u' || args[at - 1]?.text === '-u');
    case 'shell':
      return args.every((arg) => arg.text.startsWith('-'));
    default:
      return true;
  }
}

function runOptions(options: Options, args: readonly Field[]): readonly Inner[] {
  const inner: Inner[] = [];
  const first = options.firstOperand.length === 0 ? -1 : firstOperand(args);
  for (const [at, arg] of args.entries()) {
    const found = findOption(options, arg, at, first, args);
    if (found?.value === undefined) continue;
    const { value, option } = found;
    if (option.verb !== undefined && !args.some(({ text }) => text === option.verb)) continue;
    inner.push(...(option.language === 'rest' ? restOf(value, at, args) : runText(option.language, value)));
  }
  return inner;
}

interface Found {
  readonly option: Option;
  readonly value: Field | undefined;
}

/** The option that an argument is, with its value. */
function findOption(
  options: Options,
  arg: Field,
  at: number,
  first: number,
  args: readonly Field[],
): Found | undefined {
  const { text } = arg;
  const next = args[at + 1];
  if (text.startsWith('-') && text.length > 1) {
    const long = findLong(options.long, arg, next) ?? findLetter(options.letters, arg, next);
    return long ?? findSetting(options, arg, at, args);
  }
  const [plus] = options.plus;
  if (plus !== undefined && text.startsWith('+')) return { option: plus, value: from(arg, 1) };
  const [operand] = at === first ? options.firstOperand : options.operands;
  return operand === undefined ? findSetting(options, arg, at, args) : { option: operand, value: arg };
}

function from(arg: Field, start: number): Field {
  return { ...arg, text: arg.text.slice(start) };
}

/** Long ones with two dashes may be shortened. */
function findLong(options: readonly Option[], arg: Field, next: Field | undefined): Found | undefined {
  const { text } = arg;
  const equals = text.indexOf('=');
  const given = equals < 0 ? text : text.slice(0, equals);
  const isShort = given.startsWith('--') && given.length > 4;
  const option = options.find(
    ({ name }) => name === given || name === `=${given}` || (isShort && name.startsWith(given)),
  );
  if (option === undefined) return undefined;
  return { option, value: equals < 0 ? next : from(arg, equals + 1) };
}

/** The value stands behind the letter, or in the next argument. */
function findLetter(options: readonly Option[], arg: Field, next: Field | undefined): Found | undefined {
  const cluster = options.length === 0 ? '' : (/^-[A-Za-z0-9]+/.exec(arg.text)?.[0] ?? '');
  for (const option of options) {
    const at = cluster.indexOf(option.name.charAt(1), 1);
    if (at > 0) return { option, value: at === arg.text.length - 1 ? next : from(arg, at + 1) };
  }
  return undefined;
}

/** `name=value`, `name value` in one argument or in two; behind `-o` as well. */
function findSetting(
  { settings, patterns }: Options,
  arg: Field,
  at: number,
  args: readonly Field[],
): Found | undefined {
  if (settings.size + patterns.length === 0) return undefined;
  const match = /^(?:-o)?([\w.:*-]{1,128})(\s*=\s*|\s+)?/.exec(arg.text);
  if (match === null) return undefined;
  const [whole, given = '', between] = match;
  const wanted = given.toLowerCase();
  const option =
    settings.get(wanted) ??
    patterns.find(({ pattern, fixed }) => wanted.startsWith(fixed) && matchesWildcard(pattern, wanted));
  if (option === undefined) return undefined;
  // `exec:su` is all in one.
  if (option.name.includes(':')) return { option, value: arg };
  if (between !== undefined) return { option, value: from(arg, whole.length) };
  // `git config KEY VALUE`; any other argument that looks like a key is none.
  const isNext = option.name.includes('.') ? args[0]?.text === 'config' : !option.name.endsWith('=');
  return { option, value: isNext ? args[at + 1] : undefined };
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

/** Operands of `sed` and `awk` begin with the program, unless an option has brought it. */
function firstOperand(args: readonly Field[]): number {
  return args.findIndex(({ text }, at) => {
    if (text.startsWith('-') && text.length > 1) return false;
    return !/^-[vFflEs]$|^--(field-separator|assign|file|line-length)$/.test(args[at - 1]?.text ?? '');
  });
}
