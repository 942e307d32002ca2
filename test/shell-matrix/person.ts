import { execFileSync, spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { WatchedTerminal } from '../testbed/watched-terminal.ts';
import { AccountHome } from './asset.ts';
import type { ShellKind } from './shells.ts';

const COLUMNS = 80;
const ROWS = 24;

/** A person at a terminal, with a real ssh on it, logged in to the asset through the gateway. */
export class Person implements AsyncDisposable {
  readonly home: AccountHome;
  readonly shell: ShellKind;
  readonly terminal: WatchedTerminal;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #exited: Promise<unknown>;
  #marks = 0;

  /** `ssh`: arguments for ssh, ending in the destination. */
  constructor(shell: ShellKind, folder: string, ssh: readonly string[]) {
    this.shell = shell;
    this.home = new AccountHome(folder, shell);
    this.terminal = new WatchedTerminal(COLUMNS, ROWS, () => `ran ${JSON.stringify(this.home.ran)}`);
    const command = ['ssh', '-tt', '-o', `SetEnv=PORTCULLIS_TEST_HOME=${folder}`, ...ssh];
    const quoted = command.map((word) => `'${word}'`).join(' ');
    this.#child = spawn(
      'script',
      ['-qfec', `tty > '${folder}/tty'; stty rows ${ROWS} cols ${COLUMNS}; exec ${quoted}`, '/dev/null'],
      { env: { PATH: '/usr/bin:/bin', TERM: 'xterm-256color', LANG: 'C.UTF-8', SHELL: '/bin/sh' } },
    );
    this.#exited = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.stdout.on('data', (bytes: Buffer) => this.terminal.write(bytes));
    this.#child.stdin.on('error', () => undefined);
    this.terminal.onAnswer((text) => this.type(text));
  }

  type(keys: string): void {
    this.#child.stdin.write(keys);
  }

  /** The terminal's window gets another size, as by a mouse. */
  resize(columns: number, rows: number): void {
    const tty = this.home.read('tty').trim();
    execFileSync('stty', ['-F', tty, 'cols', String(columns), 'rows', String(rows)]);
    this.terminal.resize(columns, rows);
  }

  get ran(): readonly string[] {
    return this.home.ran;
  }

  /** The shell waits for a command and nothing stands behind its prompt. */
  prompt(): Promise<void> {
    return this.terminal.until('the prompt', () => this.shell.prompt.test(this.terminal.beforeCursor));
  }

  until(what: string, condition: () => boolean, timeoutMs?: number): Promise<void> {
    return this.terminal.until(what, condition, timeoutMs);
  }

  /** Waits until what was typed is shown behind the prompt. */
  shown(text: string): Promise<void> {
    return this.until(`${text} on the line`, () => this.terminal.beforeCursor.endsWith(text));
  }

  /** Types an innocent command and waits until it has run, once, exactly as typed. */
  async mark(): Promise<void> {
    this.#marks += 1;
    const line = `mark innocent ${this.#marks}`;
    await this.prompt();
    this.type(`${line}\r`);
    await this.until(line, () => this.ran.includes(line));
    await this.prompt();
  }

  /** How many times the person was told that something is forbidden. */
  get denials(): number {
    return this.terminal.output.split('is forbidden').length - 1;
  }

  /** How much has run so far, for `ranSince`. */
  at(): number {
    return this.ran.length;
  }

  ranSince(start: number): readonly string[] {
    return this.ran.slice(start).filter((line) => !line.startsWith('mark innocent'));
  }

  /** Types what must be stopped; returns what ran besides, once the shell has taken an innocent command again. */
  async stopped(act: () => Promise<void> | void): Promise<readonly string[]> {
    const start = this.at();
    const before = this.denials;
    await act();
    await this.until('a denial', () => this.denials > before);
    // Faster than people, what is typed at once is still taken for the rest of a paste.
    await this.prompt();
    await this.terminal.quiet(() => String(this.terminal.output.length));
    await this.mark();
    return this.ranSince(start);
  }

  /** Types what must run; returns what ran. */
  async runs(lines: readonly string[], act: () => Promise<void> | void): Promise<readonly string[]> {
    const start = this.at();
    await act();
    const last = lines.at(-1) ?? '';
    await this.until(last, () => this.ranSince(start).includes(last), 20_000);
    await this.mark();
    return this.ranSince(start);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#exited;
    this.terminal.dispose();
  }
}
