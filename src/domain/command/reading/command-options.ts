import type { Language } from './embedded-commands.ts';

/** Arguments of programs that hold commands. */
export interface CommandOptions {
  /** Names, without a version behind them. A second word must be among the arguments: `git rebase`. */
  readonly programs: string;
  /**
   * `-x`: a letter, joined with others or not, its value behind it or in the next argument. `--long`: also
   * shortened, as getopt allows. `=-e`: exactly so. `+`: the beginning of an argument. `*`: any operand; `1`: the first one. Anything
   * else: `name=value` or `name value`, without regard to case, behind `-o` or not; a star stands for any characters.
   */
  readonly options: string;
  readonly language: Language;
}

const VI = 'vi vim nvim view rvim rview vimdiff gvim evim ex';
const DATABASES = 'psql mysql mariadb';
const TERMINALS = 'xterm uxterm rxvt urxvt konsole lxterminal xfce4-terminal alacritty kitty terminator';
const GIT_FILTERS =
  '--tree-filter --index-filter --msg-filter --env-filter --commit-filter --parent-filter --tag-name-filter';
const GIT_KEYS =
  'core.pager core.editor core.sshcommand core.fsmonitor core.askpass core.gitproxy sequence.editor ' +
  'diff.external diff.*.command diff.*.textconv filter.*.clean filter.*.smudge filter.*.process ' +
  'merge.*.driver difftool.*.cmd mergetool.*.cmd gpg.program gpg.*.program browser.*.cmd man.*.cmd pager.*';

/** From the manual pages of the programs; the collection GTFOBins says which are used to get away. */
export const COMMAND_OPTIONS: readonly CommandOptions[] = [
  { programs: 'python pypy ipython', options: '-c', language: 'code' },
  { programs: 'perl', options: '-e -E', language: 'code' },
  { programs: 'ruby', options: '-e', language: 'code' },
  { programs: 'node nodejs bun deno', options: '-e -p --eval --print eval', language: 'code' },
  { programs: 'php', options: '-r -B -R -E --run', language: 'code' },
  { programs: 'lua luajit', options: '-e', language: 'code' },
  { programs: 'expect tclsh guile', options: '-c', language: 'code' },
  { programs: 'R Rscript', options: '-e', language: 'code' },
  { programs: 'julia', options: '-e -E --eval --print', language: 'code' },
  { programs: 'octave', options: '--eval', language: 'code' },
  { programs: 'groovy scala ghc jrunscript clojure elixir bpftrace', options: '-e', language: 'code' },
  { programs: 'emacs emacsclient', options: '--eval --execute', language: 'code' },
  { programs: 'awk gawk mawk nawk', options: '1 -e --source', language: 'code' },
  { programs: 'sed gsed', options: '1 -e --expression', language: 'sed' },
  { programs: VI, options: '-c --cmd +', language: 'editor' },
  { programs: 'less more most', options: '+', language: 'escapes' },
  { programs: 'gdb', options: '-ex -iex -eval-command --ex --eval-command', language: 'editor' },
  { programs: 'lldb', options: '-o -O --one-line', language: 'editor' },
  { programs: DATABASES, options: '-c -e --command --execute', language: 'escapes' },
  { programs: 'sqlite3', options: '* -cmd', language: 'escapes' },
  { programs: 'lftp', options: '-c -e', language: 'escapes' },
  { programs: 'mysql mariadb', options: '--pager', language: 'shell' },
  { programs: 'nano pico', options: '-s --speller', language: 'shell' },
  { programs: 'man apropos whatis', options: '-P --pager', language: 'shell' },
  {
    programs: 'tar gtar bsdtar',
    options:
      '-I -F --to-command --use-compress-program --info-script --new-volume-script --rsh-command --rmt-command',
    language: 'shell',
  },
  { programs: 'tar gtar', options: '--checkpoint-action', language: 'exec=' },
  { programs: 'rsync', options: '-e --rsh --rsync-path', language: 'shell' },
  {
    programs: 'ssh scp sftp autossh sshfs slogin',
    options: 'proxycommand localcommand knownhostscommand remotecommand',
    language: 'shell',
  },
  { programs: 'scp sftp', options: '-S -D', language: 'shell' },
  { programs: 'zip', options: '-TT --unzip-command', language: 'shell' },
  { programs: 'git', options: GIT_KEYS, language: 'shell' },
  { programs: 'git', options: '--upload-pack --receive-pack', language: 'shell' },
  { programs: 'git', options: 'alias.* credential.helper credential.*.helper', language: 'bang' },
  { programs: 'git rebase', options: '-x --exec', language: 'shell' },
  { programs: 'git difftool', options: '-x --extcmd', language: 'shell' },
  { programs: 'git grep', options: '-O --open-files-in-pager', language: 'shell' },
  { programs: 'git filter-branch', options: GIT_FILTERS, language: 'shell' },
  { programs: 'git bisect', options: 'run', language: 'rest' },
  { programs: 'git submodule', options: 'foreach', language: 'rest' },
  { programs: TERMINALS, options: '=-e =-x --command', language: 'rest' },
  { programs: 'make gmake', options: '--eval', language: 'makefile' },
  { programs: 'make gmake', options: 'shell=', language: 'shell' },
  { programs: 'nmap', options: '--script', language: 'script' },
  { programs: 'sort', options: '--compress-program', language: 'shell' },
  { programs: 'split', options: '--filter', language: 'shell' },
  { programs: 'tcpdump', options: '-z', language: 'shell' },
  { programs: 'wget', options: '--use-askpass', language: 'shell' },
  { programs: 'nc ncat netcat', options: '-e -c --exec --sh-exec', language: 'shell' },
  { programs: 'socat', options: 'exec:* system:* shell:*', language: 'socat' },
  { programs: 'mail mailx', options: '--exec', language: 'bang' },
  {
    programs: 'openvpn',
    options: '--up --down --route-up --ipchange --tls-verify --client-connect --learn-address',
    language: 'shell',
  },
  { programs: 'apt apt-get aptitude', options: '*pre-invoke* *post-invoke*', language: 'shell' },
  { programs: 'ansible', options: '-a --args', language: 'shell' },
  { programs: 'gcc g++ cc c++ clang', options: '-wrapper', language: 'comma' },
  { programs: 'docker podman nerdctl', options: '--entrypoint', language: 'shell' },
  { programs: 'flatpak', options: '--command', language: 'shell' },
  { programs: 'hyperfine', options: '*', language: 'shell' },
  { programs: 'service', options: '1', language: 'path' },
];

/** Programs that take commands on their standard input, where the line itself says what stands there. */
export const COMMAND_INPUT: readonly { readonly programs: string; readonly language: Language }[] = [
  {
    programs: 'python pypy perl ruby node nodejs php lua luajit tclsh expect R julia octave',
    language: 'code',
  },
  { programs: `ed red dc ftp sftp lftp nmap sqlite3 ${DATABASES}`, language: 'escapes' },
  { programs: `gdb lldb gnuplot ${VI}`, language: 'editor' },
  { programs: 'crontab', language: 'crontab' },
  { programs: 'make gmake', language: 'makefile' },
  { programs: 'parallel', language: 'shell' },
];
