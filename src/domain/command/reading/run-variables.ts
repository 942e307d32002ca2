/** Variables whose substitutions a shell runs each time it shows them. */
export const RUN_AS_PROMPT: ReadonlySet<string> = new Set(['PS0', 'PS1', 'PS2', 'PS4', 'PROMPT', 'RPROMPT']);

/** Variables that name a file which a shell, or every program it starts, runs. */
export const RUN_AS_FILE: ReadonlySet<string> = new Set([
  'BASH_ENV',
  'ENV',
  'LD_PRELOAD',
  'LD_AUDIT',
  'PERL5OPT',
  'PYTHONSTARTUP',
  'RUBYOPT',
  'ZDOTDIR',
]);

/** Variables that hold a command for other programs to run (their manual pages). */
export const RUN_AS_COMMAND: ReadonlySet<string> = new Set([
  'BROWSER',
  'EDITOR',
  'FCEDIT',
  'FZF_DEFAULT_COMMAND',
  'GIT_ASKPASS',
  'GIT_EDITOR',
  'GIT_EXTERNAL_DIFF',
  'GIT_PAGER',
  'GIT_PROXY_COMMAND',
  'GIT_SEQUENCE_EDITOR',
  'GIT_SSH',
  'GIT_SSH_COMMAND',
  'LESSCLOSE',
  'LESSOPEN',
  'MANPAGER',
  'PAGER',
  'PSQL_EDITOR',
  'PSQL_PAGER',
  'RSYNC_RSH',
  'SSH_ASKPASS',
  'SUDO_ASKPASS',
  'SUDO_EDITOR',
  'SYSTEMD_EDITOR',
  'SYSTEMD_PAGER',
  'VISUAL',
]);
