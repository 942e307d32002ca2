import type { CommandReading, Program } from '#domain/command/verdict.ts';

/**
 * Who reads the terminal after a line was run, as far as the line says. `shell`: a shell, here or elsewhere.
 * `program`: something known to read for itself. `unknown`: anything else that may or may not read.
 */
export type Foreground = 'shell' | 'program' | 'unknown';

/** Programs that show or run another shell. */
const SHELLS =
  /^(sh|bash|dash|ash|zsh|ksh\w*|mksh|fish|csh|tcsh|busybox|su|ssh|mosh|telnet|tmux|screen|script|chroot|nsenter|unshare|docker|podman|kubectl|lxc|machinectl|newgrp|sg|login|exit|logout|source|\.|eval)$/;

/** Programs that read what is typed, line by line or key by key. */
const PROGRAMS =
  /^(vi|vim|nvim|view|vimdiff|ex|ed|nano|pico|emacs|joe|mcedit|mc|less|more|most|man|info|top|htop|atop|btop|iotop|nethogs|watch|mysql|mariadb|psql|sqlite3|redis-cli|mongo|mongosh|sqlplus|clickhouse-client|influx|bc|dc|gdb|lldb|pdb|ipython\d*|irb|pry|ghci|julia|scala|jshell|erl|iex|ftp|lftp|sftp|nc|ncat|socat|mail|mutt|read|select|dialog|whiptail|fzf|tig|ranger|visidata|crontab|fg|%\d*|\S*sqlplus)$/;
/** Programs that read what is typed unless they are given something to work on. */
const PROGRAMS_WITHOUT_OPERAND =
  /^(cat|tee|sort|uniq|wc|head|tail|tac|rev|nl|od|xxd|base64|md5sum|sha\d+sum|tr|cut|paste|fold|fmt|python[\d.]*|pypy\d*|node|nodejs|deno|bun|ruby|perl|php|lua|R|gnuplot|octave|tclsh|openssl|dd|at|batch)$/;
const PROGRAMS_WITH_ONE_OPERAND = /^(grep|egrep|fgrep|zgrep|sed|awk|gawk|mawk|jq)$/;

/** Commands of the shell, and programs, that read nothing that is typed. */
const QUIET =
  /^(=|>|:|\[|\[\[|cd|pushd|popd|ls|ll|la|echo|printf|pwd|export|declare|typeset|local|readonly|set|unset|shopt|alias|unalias|type|which|whereis|hash|history|jobs|bg|disown|wait|ulimit|umask|trap|true|false|test|let|getopts|shift|return|break|continue|builtin|command|bind|complete|kill|date|cal|id|who|w|whoami|groups|uname|hostname|uptime|free|df|du|ps|pgrep|pkill|pidof|env|printenv|stat|file|basename|dirname|realpath|readlink|mkdir|rmdir|touch|ln|chmod|chown|chgrp|sync|sleep|usleep|seq|yes|expr|nproc|lscpu|lsblk|lsmod|lsof|netstat|ss|ip|ifconfig|route|ping|dig|host|nslookup|curl|wget|tar|gzip|gunzip|zcat|zip|unzip|find|locate|grep|egrep|fgrep|cat|head|tail|wc|sort|uniq|cut|tr|sed|awk|diff|cmp|tee|xargs|clear|reset|stty|tput|tty|dmesg|last|logger|cp|mv|rm|logname)$/;

/** Programs that only start another one; assignments and redirections. */
const WRAPPERS =
  /^([=>]|sudo|doas|env|nice|ionice|nohup|setsid|stdbuf|time|timeout|command|builtin|exec|xargs)$/;

/** What shells make their prompts of. */
const PROMPT_VARIABLE = /^(R?PS[1-4]|R?PROMPT[1-4]?|PROMPT_COMMAND)(\+?=|$)/;

/** Judged from the programs of a line that was just run. */
export function foregroundOf(programs: readonly Program[]): Foreground {
  const started = programs.filter((program) => !WRAPPERS.test(program.name));
  if (started.some((program, index) => readsForItself(program, index === 0)))
    return changesPrompt(programs) ? 'unknown' : 'program';
  if (started.some((program) => SHELLS.test(program.name))) return 'shell';
  return started.every((program) => QUIET.test(program.name)) ? 'shell' : 'unknown';
}

/** The shell that reads behind the program cannot be told by a prompt that was seen before. */
function changesPrompt(programs: readonly Program[]): boolean {
  return programs.some(({ args }) => args.some((arg) => PROMPT_VARIABLE.test(arg)));
}

/** Who reads a terminal that was opened for a command, or for a shell (null). */
export function firstReader(started: CommandReading | null): Foreground {
  if (started === null) return 'shell';
  const foreground = foregroundOf(started.programs);
  // `vim; bash`: the program reads first, but a shell that nobody announces will read later.
  return foreground === 'program' && started.commandsFromInput ? 'unknown' : foreground;
}

/** Filters read the terminal only where no pipe feeds them, which is sure for the first program alone. */
function readsForItself({ name, args }: Program, isFirst: boolean): boolean {
  if (PROGRAMS.test(name)) return true;
  if (!isFirst) return false;
  const operands = args.filter((arg) => arg === '-' || !arg.startsWith('-'));
  const inline = args.some((arg) => /^-(c|e|r|ne|pe|n)$/.test(arg));
  if (PROGRAMS_WITHOUT_OPERAND.test(name)) return !inline && operands.every((operand) => operand === '-');
  return PROGRAMS_WITH_ONE_OPERAND.test(name) && operands.length <= 1 && !args.includes('-f');
}
