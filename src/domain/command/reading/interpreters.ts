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

/** `sh -c SOURCE [name [parameters]]`, `sh FILE`, or source on standard input. */
export function unwrapShell(args: readonly Field[]): readonly Inner[] {
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
  return mayReadOn ? [...innerSource(first), ...STDIN_INNER, ...UNKNOWN_INNER] : unwrapScriptFile(first);
}

/** A script file: its content is not in the line. Some names stand for what somebody else sends or prints. */
export function unwrapScriptFile(file: Field | undefined, sameShell = false): readonly Inner[] {
  if (file?.content !== undefined) {
    const source = literalField(file.content, file);
    return [{ runs: 'source', source, parameters: [], sameShell }];
  }
  // `source` of fish reads its standard input.
  const isStream = file === undefined || /^\/(dev|proc)\//.test(file.text) || /^[<>]\(/.test(file.source);
  return isStream ? [...STDIN_INNER, ...UNKNOWN_INNER] : UNKNOWN_INNER;
}

/** `+o option` switches off; it stands where options stand. */
function foldPlusOptions(args: readonly Field[]): readonly Field[] {
  return args.map((arg) =>
    /^\+[A-Za-z]+$/.test(arg.text) ? { ...arg, text: `-${arg.text.slice(1)}` } : arg,
  );
}
