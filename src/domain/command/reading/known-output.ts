import { baseName, type Field } from './field.ts';
import type { Stdin } from './read-state.ts';

/**
 * What a command prints, when the line itself says it: `echo su`, `printf 's%s' u`, `cat` of a here-document,
 * `command -v su`. Undefined for everything else.
 */
export function knownOutput(fields: readonly Field[], stdin: Stdin): string | undefined {
  const [head, ...args] = fields;
  if (head === undefined || !fields.every((field) => field.certain || field.pattern)) return undefined;
  const texts = args.map((arg) => arg.text);
  switch (baseName(head.text)) {
    case 'echo':
      return echo(texts);
    case 'printf':
      return printf(texts);
    case 'cat':
    case 'tee':
      return texts.length === 0 && stdin.from === 'text' ? stdin.text : undefined;
    case 'rev':
      return stdin.from === 'text' ? Array.from(stdin.text.trimEnd()).toReversed().join('') : undefined;
    case 'which':
    case 'type':
    case 'command':
      return texts.at(-1);
    default:
      return undefined;
  }
}

function echo(args: readonly string[]): string {
  let from = 0;
  let escapes = false;
  for (; /^-[neE]+$/.test(args[from] ?? ''); from += 1) escapes ||= args[from]?.includes('e') ?? false;
  const text = args.slice(from).join(' ');
  return escapes ? unescape(text) : text;
}

function printf(args: readonly string[]): string | undefined {
  const [format, ...values] = args[0] === '--' ? args.slice(1) : args;
  if (format === undefined) return undefined;
  let next = 0;
  const text = unescape(format).replaceAll(
    /%(%|[-+ #0]*\d*(?:\.\d+)?([A-Za-z]))/g,
    (whole, _rest, kind: string | undefined) => {
      if (kind === undefined) return '%';
      const value = values[next] ?? '';
      next += 1;
      if (kind === 'b') return unescape(value);
      return kind === 's' || kind === 'q' || kind === 'd' ? value : whole;
    },
  );
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
