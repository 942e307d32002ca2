/**
 * Names with which a client could make the shell or the loader run code, or blind a recording. A wildcard
 * never covers them; an administrator who means one must write it out.
 */
const RUNS_CODE =
  /^(LD_|DYLD_|BASH_FUNC_|GIT_|PYTHON|PERL|RUBY|NODE_)|^(BASH_ENV|ENV|PATH|IFS|SHELL|SHELLOPTS|BASHOPTS|PROMPT_COMMAND|PS[0-4]|HISTFILE|INPUTRC|EDITOR|VISUAL|PAGER|LESSOPEN|LESSCLOSE|ZDOTDIR|TERMINFO|TERMCAP|HOME)$/;

/** POSIX.1-2024 section 8.1, the form that shells can export. */
const VARIABLE_NAME = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/;

/** Whether a client may set the variable. Allowed names are exact (case counts), or a prefix with one trailing `*`. */
export function isEnvironmentAllowed(name: string, allowed: readonly string[]): boolean {
  if (!VARIABLE_NAME.test(name)) return false;
  return allowed.some((pattern) =>
    pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) && !RUNS_CODE.test(name) : pattern === name,
  );
}
