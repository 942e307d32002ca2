import type { Field } from './field.ts';

/** How a program that runs another one reads what stands before that one. */
export interface OptionSpec {
  /** Short options that take a value: the letters. */
  readonly short: string;
  /** Long options that take a value as the next argument. */
  readonly long: readonly string[];
  /** Operands before the command, e.g. the duration of `timeout`. */
  readonly operands: number;
  /** `NAME=value` arguments stand before the command. */
  readonly assignments: boolean;
}

export interface Option {
  /** `-u` or `--user`. */
  readonly name: string;
  readonly value: Field | undefined;
}

export interface Scan {
  readonly options: readonly Option[];
  readonly operands: readonly Field[];
  /** The command and its arguments; empty when there is none. */
  readonly rest: readonly Field[];
}

const ASSIGNMENT = /^[A-Za-z_][A-Za-z0-9_]*\+?=/;

/** Reads options up to the first argument that is neither option nor leading operand (getopt with `+`). */
export function scanOptions(args: readonly Field[], spec: OptionSpec): Scan {
  const options: Option[] = [];
  const operands: Field[] = [];
  let index = 0;
  let optionsOver = false;
  for (; index < args.length; index += 1) {
    const arg = args[index];
    if (arg === undefined) break;
    const { text } = arg;
    if (!optionsOver && text === '--') optionsOver = true;
    else if (!optionsOver && /^-./.test(text)) index += readOption(arg, args[index + 1], spec, options);
    else if (spec.assignments && ASSIGNMENT.test(text)) continue;
    // `$OPTS` that may be empty, or hold options.
    else if (!optionsOver && arg.mayVanish && text === '') continue;
    else if (operands.length < spec.operands) operands.push(arg);
    else break;
  }
  return { options, operands, rest: args.slice(index) };
}

/** Returns how many further arguments the option took. */
function readOption(arg: Field, next: Field | undefined, spec: OptionSpec, options: Option[]): number {
  const { text } = arg;
  if (text.startsWith('--')) {
    const equals = text.indexOf('=');
    const given = equals < 0 ? text.slice(2) : text.slice(2, equals);
    const long = wholeName(given, spec);
    if (equals >= 0) {
      options.push({ name: `--${long ?? given}`, value: { ...arg, text: text.slice(equals + 1) } });
      return 0;
    }
    options.push({ name: `--${long ?? given}`, value: long === undefined ? undefined : next });
    return long === undefined ? 0 : 1;
  }
  for (let at = 1; at < text.length; at += 1) {
    const letter = text.charAt(at);
    if (!spec.short.includes(letter)) {
      options.push({ name: `-${letter}`, value: undefined });
      continue;
    }
    const attached = text.slice(at + 1);
    options.push({ name: `-${letter}`, value: attached === '' ? next : { ...arg, text: attached } });
    return attached === '' ? 1 : 0;
  }
  return 0;
}

/** Options without a value whose names are the beginning of others: of sudo, nsenter, docker. */
const NOT_SHORTENED: ReadonlySet<string> = new Set(['login', 'wd', 'detach']);

/** The option with a value that is meant: long ones may be shortened (getopt_long). */
function wholeName(given: string, { long }: OptionSpec): string | undefined {
  if (long.includes(given)) return given;
  return NOT_SHORTENED.has(given) || given === '' ? undefined : long.find((one) => one.startsWith(given));
}

/** The value of the first of the named options that is there. */
export function optionValue(scan: Scan, names: readonly string[]): Field | undefined {
  return scan.options.find((option) => names.includes(option.name))?.value;
}
