import { literalField, type Field } from './field.ts';
import { innerSource, STDIN_INNER, UNKNOWN_INNER, type Inner } from './inner.ts';
import { optionSpec } from './prefix-wrappers.ts';
import { scanOptions } from './skip-options.ts';

const SHELLS =
  /^(sh|bash|dash|ash|zsh|ksh|ksh93|mksh|pdksh|oksh|loksh|yash|posh|fish|csh|tcsh|rbash|rzsh|hush|elvish|xonsh)$/;
/** Whether the program is a shell. */
export function isShell(name: string): boolean {
  return SHELLS.test(name);
}

const SHELL_OPTIONS = optionSpec('oO', ['rcfile', 'init-file', 'command', 'init-command']);

/** Languages that run code given as an argument, with the options that take it. */
const LANGUAGES: readonly (readonly [RegExp, RegExp])[] = [
  [/^(python|pypy)[\d.]*$/, /^-[A-Za-z]*c$/],
  [/^perl[\d.]*$/, /^-[A-Za-z]*[eE]$/],
  [/^ruby[\d.]*$/, /^-[A-Za-z]*e$/],
  [/^(node|nodejs|bun|deno)$/, /^(-[A-Za-z]*[ep]|--eval|--print|eval)$/],
  [/^php[\d.]*$/, /^-[rBRE]$/],
  [/^(lua|luajit)[\d.]*$/, /^-e$/],
  [/^(expect|tclsh)[\d.]*$/, /^-c$/],
  [/^R(script)?$/, /^-e$/],
];
const AWK = /^[gmn]?awk$/;

/** Words with which code starts other programs, in any of these languages. */
const STARTS_PROGRAMS =
  /\b(system|popen\d?|exec[lvpe]*|execFile\w*|spawn\w*|subprocess|pty|fork|qx|shell_exec|passthru|proc_open|child_process|ffi|syscall|getoutput|check_output|check_call|send|os\.run)\b|`|\|\s*getline|\|\s*"/i;

/** A string literal that stands as first argument of such a call. */
const CALLED_WITH =
  /(?:\(|\[|\b(?:system|exec|qx|spawn|send)\b|\|)\s*\[?\s*(["'])(?<command>(?:(?!\1)[^\\\n]|\\.){1,512})\1/g;
/** The statement of Expect. */
const SPAWNED = /\bspawn\s+(?:-\w+\s+)*(?<command>[^\n;"']{1,512})/g;

/** What a shell or another interpreter runs, by its arguments. Empty for anything else. */
export function unwrapInterpreter(name: string, args: readonly Field[]): readonly Inner[] {
  if (SHELLS.test(name)) return unwrapShell(args);
  if (AWK.test(name)) return unwrapCode(args.find((arg) => !arg.text.startsWith('-')));
  const language = LANGUAGES.find(([names]) => names.test(name));
  if (language === undefined) return [];
  const option = args.findIndex((arg) => language[1].test(arg.text));
  return option < 0 ? [] : unwrapCode(args[option + 1]);
}

/** `sh -c SOURCE [name [parameters]]`, `sh FILE`, or source on standard input. */
function unwrapShell(args: readonly Field[]): readonly Inner[] {
  const { options, rest } = scanOptions(foldPlusOptions(args), SHELL_OPTIONS);
  const long = options.find(({ name }) => name === '--command' || name === '--init-command');
  if (long !== undefined) {
    const runs = innerSource(long.value);
    // fish runs the first command and then reads on.
    return options.some(({ name }) => name === '--init-command') ? [...runs, ...STDIN_INNER] : runs;
  }
  const [first, ...parameters] = rest;
  if (options.some(({ name }) => name === '-c')) return innerSource(first, parameters);
  const asksOnly = options.some(({ name }) => name === '--version' || name === '--help');
  if (asksOnly) return [];
  const readsStdin = first === undefined || first.text === '-' || options.some(({ name }) => name === '-s');
  if (readsStdin) return STDIN_INNER;
  // `fish -C COMMAND` reads on as well; elsewhere -C takes no value, and a script follows.
  const mayReadOn = options.some(({ name }) => name === '-C');
  return mayReadOn ? [...STDIN_INNER, ...UNKNOWN_INNER] : unwrapScriptFile(first);
}

/** A script file: its content is not in the line. Some names stand for what somebody else sends or prints. */
export function unwrapScriptFile(file: Field | undefined, sameShell = false): readonly Inner[] {
  if (file?.content !== undefined) {
    const source = literalField(file.content, file);
    return [{ runs: 'source', source, parameters: [], sameShell }];
  }
  const isStream = file !== undefined && (/^\/(dev|proc)\//.test(file.text) || /^[<>]\(/.test(file.source));
  return isStream ? [...STDIN_INNER, ...UNKNOWN_INNER] : UNKNOWN_INNER;
}

/** `+o option` switches off; it stands where options stand. */
function foldPlusOptions(args: readonly Field[]): readonly Field[] {
  return args.map((arg) =>
    /^\+[A-Za-z]+$/.test(arg.text) ? { ...arg, text: `-${arg.text.slice(1)}` } : arg,
  );
}

/**
 * Code of another language is not parsed. When it mentions a way to start programs the line counts as
 * dynamic, and strings that are plainly the command started are read as one.
 */
function unwrapCode(code: Field | undefined): readonly Inner[] {
  if (code === undefined || !STARTS_PROGRAMS.test(code.text)) return [];
  const inner: Inner[] = [...UNKNOWN_INNER];
  const { start, end } = code;
  for (const pattern of [CALLED_WITH, SPAWNED]) {
    for (const match of code.text.matchAll(pattern)) {
      inner.push(...innerSource(literalField(match.groups?.['command'] ?? '', { start, end })));
    }
  }
  return inner;
}
