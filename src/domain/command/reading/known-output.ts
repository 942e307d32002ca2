import type { Field } from './field.ts';
import type { Stdin } from './read-state.ts';

/** What a command prints that passes on or changes what it reads. */
type Filter = (text: string, args: readonly string[]) => string | undefined;

const FILTERS: Readonly<Record<string, Filter>> = {
  cat: (text, args) => (args.every((arg) => arg === '-') ? text : undefined),
  tee: (text) => text,
  rev: (text) =>
    text
      .split('\n')
      .map((line) => Array.from(line).toReversed().join(''))
      .join('\n'),
  base64: (text, args) =>
    /^(-i |--ignore-garbage )*(-i*[dD]i*|--d\w*)( -i| --ignore-garbage)*$/.test(args.join(' '))
      ? decode(text, 'base64')
      : undefined,
  xxd: (text, args) =>
    /^(-r -ps?|-ps? -r|-rp|-r -plain|-plain -r)$/.test(args.join(' ')) ? decode(text, 'hex') : undefined,
  tr: translate,
};

const PRINTS: ReadonlySet<string> = new Set(
  Object.keys(FILTERS).concat('echo', 'print', 'printf', 'yes', 'which', 'type', 'command'),
);

/**
 * What a command prints, when the line itself says it: `echo su`, `printf 's%s' u`, `cat` of a here-document,
 * `command -v su`. Undefined for everything else.
 */
export function knownOutput(name: string, args: readonly Field[], stdin: Stdin): string | undefined {
  if (!PRINTS.has(name) || !args.every((arg) => arg.certain || arg.pattern)) return undefined;
  const texts = args.map((arg) => arg.text);
  switch (name) {
    case 'echo':
    case 'print':
      return echo(texts);
    case 'printf':
      return texts[0] === '-v' ? '' : printed(texts);
    case 'yes':
      return texts.length === 0 ? 'y' : texts.join(' ');
    case 'which':
    case 'type':
    case 'command':
      return texts.at(-1);
    default:
      return stdin.from === 'text' ? FILTERS[name]?.(stdin.text, texts) : undefined;
  }
}

function echo(args: readonly string[]): string | undefined {
  let from = 0;
  let options = '';
  for (; /^-[neE]+$/.test(args[from] ?? ''); from += 1) options += args[from] ?? '';
  const text = args.slice(from).join(' ');
  const unescaped = unescape(text);
  if (options.includes('e')) return unescaped;
  // Some shells replace escapes without being asked.
  return unescaped === text || options.includes('E') ? text : undefined;
}

/** Longer formats are not filled in. */
const MAX_FORMAT_LENGTH = 4_096;

/** What `printf` prints. Formats of numbers are left as they are. */
export function printed(args: readonly string[]): string | undefined {
  const [format, ...values] = args[0] === '--' ? args.slice(1) : args;
  if (format === undefined || format.length > MAX_FORMAT_LENGTH) return undefined;
  if (format.length * values.length > MAX_FORMAT_LENGTH) return undefined;
  let next = 0;
  const fill = (): string =>
    unescape(format).replaceAll(
      /%(%|[-+ #0]*\d*(?:\.\d+)?([A-Za-z]))/g,
      (whole, _rest, kind: string | undefined) => {
        if (kind === undefined) return '%';
        const value = values[next] ?? '';
        next += 1;
        if (kind === 'b') return unescape(value);
        return kind === 's' || kind === 'q' || kind === 'd' ? value : whole;
      },
    );
  let text = fill();
  // The format is used again until there is nothing left to put in.
  if (next === 0) return text;
  while (next < values.length) text += fill();
  return text;
}

const NAMED: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  '\\': '\\',
  '"': '"',
  "'": "'",
  e: '\u001B',
};

/** Backslash escapes of `printf` and `echo -e`: names, octal, hexadecimal, Unicode. */
function unescape(text: string): string {
  return text.replaceAll(
    /\\(x[0-9a-fA-F]{1,2}|u[0-9a-fA-F]{1,4}|0?[0-7]{1,3}|.)/g,
    (whole, escape: string) => {
      if (/^[xu]./.test(escape)) return String.fromCharCode(Number.parseInt(escape.slice(1), 16));
      if (/^[0-7]+$/.test(escape)) return String.fromCharCode(Number.parseInt(escape, 8) & 0xff);
      return NAMED[escape] ?? whole;
    },
  );
}

function decode(text: string, encoding: 'base64' | 'hex'): string {
  const wanted = encoding === 'hex' ? text.replaceAll(/[^0-9A-Fa-f]/g, '') : text;
  return Buffer.from(wanted, encoding).toString('utf8');
}

/** `tr -d SET` and `tr SET SET`, with ranges. */
function translate(text: string, args: readonly string[]): string | undefined {
  // Classes, repetitions and other options: not here.
  if (args.some((arg) => arg.includes('[') || (/^-./.test(arg) && arg !== '-d'))) return undefined;
  const sets = args.filter((arg) => arg !== '-d').map(charactersIn);
  const [from, to] = sets;
  if (from === undefined || sets.length + Number(args.includes('-d')) !== 2) return undefined;
  return Array.from(text, (char) => {
    const at = from.lastIndexOf(char);
    if (at < 0) return char;
    return to === undefined ? '' : (to[at] ?? to.at(-1) ?? char);
  }).join('');
}

function charactersIn(set: string): readonly string[] {
  const plain = unescape(set).replaceAll(/(.)-(.)/gs, (whole, first: string, last: string) => {
    const from = first.charCodeAt(0);
    const count = last.charCodeAt(0) - from + 1;
    return count < 1 || count > 256
      ? whole
      : Array.from({ length: count }, (_, at) => String.fromCharCode(from + at)).join('');
  });
  return Array.from(plain);
}
