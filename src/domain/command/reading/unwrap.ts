import type { Field } from './field.ts';
import { innerFields, innerJoined, innerSource, STDIN_INNER, UNKNOWN_INNER, type Inner } from './inner.ts';
import { isShell, unwrapScriptFile, unwrapShell } from './interpreters.ts';
import { optionSpec, PREFIX_WRAPPERS } from './prefix-wrappers.ts';
import { optionValue, scanOptions, type OptionSpec } from './skip-options.ts';
import { unwrapOptions } from './unwrap-options.ts';

/** `ssh` options with a value (OpenSSH 9). */
const SSH = optionSpec('BbcDEeFIiJLlmOopPQRSWw', [], 1);
const ENV = optionSpec('uCS', ['unset', 'chdir', 'split-string'], 0, true);
const XARGS_LONG = ['max-args', 'delimiter', 'max-procs', 'max-chars', 'arg-file', 'process-slot-var'];
const XARGS = optionSpec('IJndPLRSsEa', XARGS_LONG);
const PARALLEL = optionSpec('jNSaIndPL', ['jobs', 'arg-file', 'colsep', 'delimiter']);
const WATCH = optionSpec('nq', ['interval', 'equexit']);
const SU_LONG = ['command', 'group', 'supp-group', 'shell', 'whitelist-environment', 'session-command'];
const SU = optionSpec('cgGswT', SU_LONG);
const RUNUSER = optionSpec('ucgGswT', ['user', ...SU_LONG]);
const SCRIPT_LONG = ['command', 'echo', 'log-in', 'log-out', 'log-io', 'log-timing', 'output-limit'];
const SCRIPT = optionSpec('cEIOBTomt', SCRIPT_LONG);
const FLOCK = optionSpec('wEc', ['timeout', 'wait', 'conflict-exit-code', 'command'], 1);
const CONTAINER_LONG = ['user', 'workdir', 'env', 'env-file', 'namespace', 'container', 'detach-keys'];
const CONTAINER_EXEC = optionSpec('uwenc', CONTAINER_LONG, 1);
const PERF = optionSpec('eopCIr', ['event', 'output', 'pid', 'cpu', 'repeat']);
const PDSH = optionSpec('wxlgutfb');
const MOSH = optionSpec('p', [], 1);
const SCREEN = optionSpec('cdehpSsTtx');
const TMUX_COMMAND = optionSpec('cstnFxyelpbN');
const LOADER = optionSpec('', ['library-path', 'preload', 'argv0', 'audit']);

type Unwrap = (args: readonly Field[]) => readonly Inner[];

const SPECIAL: ReadonlyMap<string, Unwrap> = new Map<string, Unwrap>(
  Object.entries({
    env: unwrapEnv,
    xargs: unwrapXargs,
    parallel: unwrapParallel,
    find: unwrapFind,
    fd: unwrapFind,
    fdfind: unwrapFind,
    watch: unwrapWatch,
    ssh: unwrapSsh,
    su: (args) => unwrapSu(args, SU),
    runuser: (args) => unwrapSu(args, RUNUSER),
    sg: (args) => (args.length > 1 ? innerSource(args.at(-1)) : STDIN_INNER),
    newgrp: () => STDIN_INNER,
    script: unwrapScript,
    flock: unwrapFlock,
    docker: unwrapContainer,
    podman: unwrapContainer,
    nerdctl: unwrapContainer,
    kubectl: unwrapContainer,
    oc: unwrapContainer,
    crictl: unwrapContainer,
    lxc: unwrapContainer,
    incus: unwrapContainer,
    runc: unwrapContainer,
    ip: unwrapNetns,
    capsh: unwrapCapsh,
    perf: (args) =>
      /^(stat|record|trace)$/.test(args[0]?.text ?? '')
        ? innerFields(scanOptions(args.slice(1), PERF).rest)
        : [],
    rsh: unwrapSsh,
    remsh: unwrapSsh,
    pdsh: (args) => innerJoined(scanOptions(args, PDSH).rest),
    clush: (args) => innerJoined(scanOptions(args, PDSH).rest),
    mosh: (args) => orShell(innerFields(scanOptions(args, MOSH).rest)),
    nmap: (args) =>
      args.some((arg) => arg.text === '--interactive') ? [...STDIN_INNER, ...UNKNOWN_INNER] : [],
    tmux: unwrapTmux,
    screen: (args) => orShell(innerFields(scanOptions(args, SCREEN).rest)),
    trap: unwrapTrap,
    eval: unwrapEval,
    alias: unwrapAlias,
    source: (args) => unwrapScriptFile(args[0], true),
    '.': (args) => unwrapScriptFile(args[0], true),
    enable: (args) => (args.some((arg) => /^-[a-z]*f/.test(arg.text)) ? UNKNOWN_INNER : []),
    bind: unwrapBind,
    fc: (args) => (args.some((arg) => /^-[lrn]*l/.test(arg.text)) ? [] : UNKNOWN_INNER),
    'start-stop-daemon': unwrapStartStopDaemon,
    machinectl: (args) => (args[0]?.text === 'shell' ? orShell(innerFields(args.slice(2))) : []),
    at: () => STDIN_INNER,
    batch: () => STDIN_INNER,
    nice: unwrapNice,
    sudo: unwrapSudo,
    command: unwrapCommand,
  } satisfies Record<string, Unwrap>),
);

/** What the named program runs in turn, by its arguments. Empty when it runs nothing that we know of. */
export function unwrap(name: string, args: readonly Field[]): readonly Inner[] {
  const inOptions = unwrapOptions(name, args);
  const inOperands = unwrapOperands(name, args);
  return inOptions.length === 0 ? inOperands : [...inOperands, ...inOptions];
}

function unwrapOperands(name: string, args: readonly Field[]): readonly Inner[] {
  const special = SPECIAL.get(name);
  if (special !== undefined) return special(args);
  const prefix = PREFIX_WRAPPERS.get(name);
  if (prefix !== undefined) {
    const inner = innerFields(scanOptions(args, prefix).rest);
    return STARTS_SHELL.test(name) ? orShell(inner) : inner;
  }
  if (isShell(name)) return unwrapShell(args);
  // The dynamic loader runs the program it is given: `/lib64/ld-linux-x86-64.so.2 /bin/su`.
  return LOADER_NAME.test(name) ? innerFields(scanOptions(args, LOADER).rest) : [];
}

const LOADER_NAME = /^ld(-linux|-musl|\.so|-\d)/;
/** Without a command these start a shell (their manual pages). `doas` does with `-s`. */
const STARTS_SHELL =
  /^(chroot|nsenter|unshare|fakeroot|proot|doas|pkexec|setarch|linux32|linux64|systemd-run)$/;

function orShell(inner: readonly Inner[]): readonly Inner[] {
  return inner.length === 0 ? STDIN_INNER : inner;
}

function unwrapScript(args: readonly Field[]): readonly Inner[] {
  return orShell(innerSource(optionValue(scanOptions(args, SCRIPT), ['-c', '--command'])));
}

/** csh writes `nice +5 COMMAND`. */
function unwrapNice(args: readonly Field[]): readonly Inner[] {
  const { rest } = scanOptions(args, PREFIX_WRAPPERS.get('nice') ?? optionSpec());
  return innerFields(/^\+\d+$/.test(rest[0]?.text ?? '') ? rest.slice(1) : rest);
}

function unwrapSudo(args: readonly Field[]): readonly Inner[] {
  const { rest, options } = scanOptions(args, PREFIX_WRAPPERS.get('sudo') ?? optionSpec());
  // `sudo -l` and `sudo -v` run nothing; `sudo -e` edits files.
  const runsNothing = options.some(({ name }) => /^(-[elvV]|--(edit|list|validate|version))$/.test(name));
  if (runsNothing) return [];
  // `sudo -i` and `sudo -s` read commands like any shell.
  return rest.length === 0 ? STDIN_INNER : innerFields(rest);
}

function unwrapCommand(args: readonly Field[]): readonly Inner[] {
  const { rest, options } = scanOptions(args, optionSpec());
  // `command -v su` asks where su is; it does not run it.
  return options.some(({ name }) => /^-[vV]$/.test(name)) ? [] : innerFields(rest);
}

function unwrapEnv(args: readonly Field[]): readonly Inner[] {
  const scan = scanOptions(args, ENV);
  const split = optionValue(scan, ['-S', '--split-string']);
  return split === undefined ? innerFields(scan.rest) : innerJoined([split, ...scan.rest]);
}

/** Further arguments, or even the program, come from standard input. */
function unwrapXargs(args: readonly Field[]): readonly Inner[] {
  const { rest, options } = scanOptions(args, XARGS);
  if (rest.length === 0) return [];
  const replace = options.find(({ name }) => /^(-I|-i|-J|--replace)$/.test(name));
  const placeholder = replace === undefined ? undefined : (replace.value?.text ?? '{}');
  return [{ runs: 'arguments', fields: rest, placeholder }];
}

function unwrapParallel(args: readonly Field[]): readonly Inner[] {
  const { rest } = scanOptions(args, PARALLEL);
  const separator = rest.findIndex((arg) => /^:{3,4}\+?$/.test(arg.text));
  const command = separator < 0 ? rest : rest.slice(0, separator);
  if (command.length > 0) return innerJoined(command);
  // Without a command each argument is one.
  return [...rest.slice(separator + 1).flatMap((arg) => innerSource(arg)), ...UNKNOWN_INNER];
}

function unwrapFind(args: readonly Field[]): readonly Inner[] {
  const inner: Inner[] = [];
  let names: readonly Field[] | undefined;
  for (let at = 0; at < args.length; at += 1) {
    if (!FIND_RUNS.test(args[at]?.text ?? '')) continue;
    const from = at + 1;
    const ends = (index: number): boolean =>
      args[index]?.text === ';' || (args[index]?.text === '+' && args[index - 1]?.text === '{}');
    while (at < args.length && !ends(at)) at += 1;
    const command = args.slice(from, at);
    names ??= foundNames(args);
    inner.push(...innerFields(command.map(asFound), 'unknown'));
    // `find / -name su -exec {} \;` runs what it finds.
    for (const name of command[0]?.text === '{}' ? names : [])
      inner.push(...innerFields([name, ...command.slice(1)], 'unknown'));
  }
  return inner;
}
const FIND_RUNS = /^(-exec|-execdir|-ok|-okdir|-x|-X|--exec|--exec-batch)$/;

/** Which file it is shows at run time. */
function asFound(field: Field): Field {
  return field.text.includes('{}')
    ? { ...field, text: field.text.replaceAll('{}', ''), certain: false, expanded: true }
    : field;
}

/** What can be found: where it looks, and the names it looks for. */
function foundNames(args: readonly Field[]): readonly Field[] {
  const expression = args.findIndex((arg) => /^[-!(]/.test(arg.text));
  const places = expression < 0 ? args : args.slice(0, expression);
  const names = args.filter((_, at) => /^-i?(name|path|wholename)$/.test(args[at - 1]?.text ?? ''));
  return [...places, ...names].slice(0, 8).map((field) => ({
    ...field,
    pattern: field.pattern || /[*?]/.test(field.text),
  }));
}

function unwrapWatch(args: readonly Field[]): readonly Inner[] {
  const { options, rest } = scanOptions(args, WATCH);
  const direct = options.some(({ name }) => name === '-x' || name === '--exec');
  return direct ? innerFields(rest) : innerJoined(rest);
}

function unwrapSsh(args: readonly Field[]): readonly Inner[] {
  const { operands, rest } = scanOptions(args, SSH);
  if (operands.length === 0) return [];
  // Options may follow the host as well.
  const command = scanOptions(rest, { ...SSH, operands: 0 }).rest;
  return command.length === 0 ? STDIN_INNER : innerJoined(command);
}

function unwrapSu(args: readonly Field[], spec: OptionSpec): readonly Inner[] {
  const found: Inner[] = [];
  // Options may stand behind the user name: `su - app -c CMD`.
  for (let rest = args; rest.length > 0;) {
    const scan = scanOptions(rest, spec);
    found.push(...innerSource(optionValue(scan, ['-c', '--command', '--session-command'])));
    const userGiven = scan.options.some(({ name }) => name === '-u' || name === '--user');
    if (userGiven && spec === RUNUSER) return [...found, ...innerFields(scan.rest)];
    rest = scan.rest.slice(1);
  }
  return found.length > 0 ? found : STDIN_INNER;
}

function unwrapFlock(args: readonly Field[]): readonly Inner[] {
  const scan = scanOptions(args, FLOCK);
  const command = optionValue(scan, ['-c', '--command']);
  return command === undefined ? innerFields(scan.rest) : innerSource(command);
}

/** `ip netns exec NAME COMMAND`, `ip vrf exec NAME COMMAND`. */
function unwrapNetns(args: readonly Field[]): readonly Inner[] {
  const verb = args.findIndex((arg) => arg.text === 'exec');
  return verb < 0 ? [] : innerFields(args.slice(verb + 2));
}

/** What stands behind `--` goes to a shell. */
function unwrapCapsh(args: readonly Field[]): readonly Inner[] {
  const dashes = args.findIndex((arg) => arg.text === '--' || arg.text === '==');
  return dashes < 0 ? [] : unwrapShell(args.slice(dashes + 1));
}

function unwrapContainer(args: readonly Field[]): readonly Inner[] {
  const verb = args.findIndex((arg) => /^(exec|run)$/.test(arg.text));
  if (verb < 0) return [];
  const { rest } = scanOptions(args.slice(verb + 1), CONTAINER_EXEC);
  const dashes = rest.findIndex((arg) => arg.text === '--');
  return innerFields(dashes < 0 ? rest : rest.slice(dashes + 1));
}

const TMUX_RUNS =
  /^(new|new-session|neww|new-window|splitw|split-window|respawn-pane|respawn-window|run|run-shell|send|send-keys|if|if-shell|popup|display-popup)$/;

function unwrapTmux(args: readonly Field[]): readonly Inner[] {
  const verb = args.findIndex((arg) => TMUX_RUNS.test(arg.text));
  const { rest } = scanOptions(args.slice(verb + 1), TMUX_COMMAND);
  // A pane with a shell in it, new or found again.
  const opensPane =
    verb >= 0
      ? rest.length === 0
      : args.length === 0 || args.some((arg) => /^(a|at|attach.*)$/.test(arg.text));
  if (opensPane) return STDIN_INNER;
  if (verb < 0) return [];
  return innerJoined(rest.filter((arg) => !/^(Enter|KPEnter|C-m|C-j)$/i.test(arg.text)));
}

function unwrapEval(args: readonly Field[]): readonly Inner[] {
  const joined = innerJoined(args[0]?.text === '--' ? args.slice(1) : args);
  const here = joined.map((inner) => (inner.runs === 'source' ? { ...inner, sameShell: true } : inner));
  return [...here, ...UNKNOWN_INNER];
}

function unwrapTrap(args: readonly Field[]): readonly Inner[] {
  const action = args[0]?.text === '--' ? args[1] : args[0];
  return action === undefined || action.text.startsWith('-') ? [] : innerSource(action);
}

/** `bind -x '"KEY": COMMAND'`. */
function unwrapBind(args: readonly Field[]): readonly Inner[] {
  if (!args.some((arg) => arg.text.startsWith('-x'))) return [];
  const commands = args.filter((arg) => arg.text.includes(':'));
  const sources = commands.flatMap((arg) =>
    innerSource({ ...arg, text: arg.text.slice(arg.text.indexOf(':') + 1) }),
  );
  return [...sources, ...UNKNOWN_INNER];
}

/** What an alias stands for runs later under another name, so it is judged when it is defined. */
function unwrapAlias(args: readonly Field[]): readonly Inner[] {
  return args.flatMap((arg) => {
    const equals = arg.text.indexOf('=');
    if (equals < 1) return [];
    return [...innerSource({ ...arg, text: arg.text.slice(equals + 1) }), ...UNKNOWN_INNER];
  });
}

function unwrapStartStopDaemon(args: readonly Field[]): readonly Inner[] {
  const at = args.findIndex((arg) => /^(-x|-a|--exec|--startas)$/.test(arg.text));
  const program = at < 0 ? undefined : args[at + 1];
  return program === undefined ? [] : innerFields([program]);
}
