/** A shell of an asset, as an account there would have it, with start-up files of its own. */
export interface ShellKind {
  readonly name: string;
  /** Run in the account's folder; `$HOME` is that folder. */
  readonly command: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly files: Readonly<Record<string, string>>;
  /** What the cursor stands behind when the shell waits for a command. */
  readonly prompt: RegExp;
  /** Edits lines itself: arrow keys, kills, history. Otherwise the terminal driver does, with few keys. */
  readonly edits: boolean;
  /** Starts with lines of an earlier session: the newest is innocent, the one before it forbidden. */
  readonly remembers: boolean;
  readonly searchesHistory: boolean;
  /** Keys that kill and yank as in emacs. */
  readonly yanks: boolean;
  readonly marksPastes: boolean;
  readonly completes: boolean;
}

const HISTORY = 'su - old\nmark old\n';
const AT_PROMPT = /me@asset:\S*[$#%>] $/;

/** bash that reads these lines when it starts. */
function bash(name: string, startUp: string, yanks: boolean): ShellKind {
  return {
    name,
    command: 'exec bash --noprofile --rcfile $HOME/rc -i',
    environment: {},
    files: {
      rc: `${startUp}PS1='me@asset:\\w\\$ '\nHISTFILE=$HOME/history\nhistory -r\n`,
      history: HISTORY,
    },
    prompt: AT_PROMPT,
    edits: true,
    remembers: true,
    searchesHistory: true,
    yanks,
    marksPastes: true,
    completes: true,
  };
}

export const SHELLS: readonly ShellKind[] = [
  bash('bash with emacs keys', '', true),
  bash('bash with vi keys', 'set -o vi\n', false),
  {
    name: 'zsh',
    command: 'exec zsh -i',
    environment: {},
    files: {
      '.zshrc':
        "bindkey -e\nPROMPT='me@asset:%~%# '\nRPROMPT='%T'\nHISTFILE=$HOME/history HISTSIZE=100 SAVEHIST=100\nfc -R\nautoload -U compinit && compinit -u\n",
      history: HISTORY,
    },
    prompt: AT_PROMPT,
    edits: true,
    remembers: true,
    searchesHistory: true,
    yanks: true,
    marksPastes: true,
    completes: true,
  },
  {
    name: 'fish',
    command: 'exec fish -i',
    environment: { XDG_CONFIG_HOME: '.config', XDG_DATA_HOME: '.local/share' },
    files: {
      '.config/fish/config.fish':
        "function fish_prompt; echo -n 'me@asset:'(prompt_pwd)'> '; end\nfunction fish_right_prompt; date +%H:%M; end\nset -g fish_greeting\n",
      '.local/share/fish/fish_history':
        '- cmd: su - old\n  when: 1700000000\n- cmd: mark old\n  when: 1700000001\n',
    },
    prompt: AT_PROMPT,
    edits: true,
    remembers: true,
    searchesHistory: false,
    yanks: true,
    marksPastes: true,
    completes: true,
  },
  {
    name: 'dash',
    command: 'exec dash -i',
    environment: { PS1: 'me@asset:~$ ' },
    files: {},
    prompt: AT_PROMPT,
    edits: false,
    remembers: false,
    searchesHistory: false,
    yanks: false,
    marksPastes: false,
    completes: false,
  },
  {
    name: 'busybox ash',
    command: 'exec busybox ash -i',
    environment: { PS1: 'me@asset:~$ ' },
    files: {},
    prompt: AT_PROMPT,
    edits: true,
    remembers: false,
    searchesHistory: false,
    yanks: false,
    marksPastes: false,
    completes: true,
  },
];
