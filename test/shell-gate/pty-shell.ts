import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { GrantMode } from '#contract/resources/grant.ts';
import { compileCommandRules } from '#domain/command/compile-rules.ts';
import type { JudgedLine } from '#gateway/terminal/judged-line.ts';
import { createShellGate, type GateFailure } from '#gateway/terminal/shell-gate.ts';
import { monotonicClock } from '#lib/time.ts';
import { forbidding } from '../testbed/command-rules.ts';
import { WatchedTerminal } from '../testbed/watched-terminal.ts';

/** Programs whose running is proved on the asset's side: each notes its name and arguments in a file. */
const WITNESSES = ['su', 'passwd', 'reboot', 'mark'];

export interface PtyShellOptions {
  readonly command: readonly string[];
  readonly mode?: GrantMode;
  readonly columns?: number;
  readonly rows?: number;
  readonly environment?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string>>;
}

/** A real shell on a real pseudo-terminal, with the gate in between and the person's screen at this end. */
export class PtyShell {
  readonly judged: JudgedLine[] = [];
  readonly failures: GateFailure[] = [];
  readonly secrets: string[] = [];
  readonly folder: string;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #terminal: WatchedTerminal;
  readonly #gate: ReturnType<ReturnType<typeof createShellGate>>;
  readonly #exited: Promise<unknown>;
  onJudged: (judged: JudgedLine) => Promise<void> = () => Promise.resolve();

  constructor(options: PtyShellOptions) {
    const { columns = 80, rows = 24, mode = 'guard' } = options;
    this.folder = mkdtempSync(join(tmpdir(), 'gate-'));
    for (const name of WITNESSES) {
      const file = join(this.folder, name);
      writeFileSync(file, `#!/bin/sh\necho "${name} $*" >> "${this.folder}/ran"\n`);
      chmodSync(file, 0o755);
    }
    writeFileSync(join(this.folder, 'ran'), '');
    for (const [name, content] of Object.entries(options.files ?? {}))
      writeFileSync(join(this.folder, name), content);
    this.#terminal = new WatchedTerminal(columns, rows, () => this.#state());
    // `script` gives the shell a terminal; its own files are pipes.
    const inner = `stty rows ${rows} cols ${columns}; exec ${options.command.join(' ')}`;
    this.#child = spawn('script', ['-qfec', inner, '/dev/null'], {
      cwd: this.folder,
      env: {
        PATH: `${this.folder}:/usr/bin:/bin`,
        HOME: this.folder,
        TERM: 'xterm-256color',
        LANG: 'C.UTF-8',
        SHELL: '/bin/sh',
        PS1: 'me@asset:\\w\\$ ',
        ...options.environment,
      },
    });
    this.#exited = new Promise((resolve) => this.#child.once('exit', resolve));
    const judge = compileCommandRules([forbidding('no-su', 'su', 'passwd', 'reboot')], {
      username: 'alice',
      groups: [],
      roles: [],
      asset: 'asset',
      account: 'me',
    });
    this.#gate = createShellGate({
      judge,
      mode,
      columns,
      rows,
      now: monotonicClock,
      onJudged: (judged) => {
        this.judged.push(judged);
        this.#terminal.changed();
        return this.onJudged(judged);
      },
      mustEnd: (why) => {
        this.failures.push(why);
        this.#terminal.changed();
      },
    })({
      toAsset: (bytes, secret) => {
        if (secret === true) this.secrets.push(bytes.toString());
        this.#child.stdin.write(bytes);
      },
      toPerson: (bytes) => this.#terminal.write(bytes),
    });
    this.#child.stdout.on('data', (bytes: Buffer) => this.#gate.fromAsset(bytes));
    this.#child.stdin.on('error', () => undefined);
  }

  type(keys: string): void {
    this.#gate.fromPerson(Buffer.from(keys));
  }

  resize(columns: number, rows: number): void {
    this.#gate.resize(columns, rows);
    this.#terminal.resize(columns, rows);
  }

  /** What the asset saw running, in order. */
  get ran(): readonly string[] {
    return readFileSync(join(this.folder, 'ran'), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => line.trim());
  }

  get output(): string {
    return this.#terminal.output;
  }

  get screen(): string {
    return this.#terminal.screen;
  }

  get lastRow(): string {
    return this.#terminal.lastRow;
  }

  /** Waits for the condition; the error shows the screen. */
  until(what: string, condition: () => boolean, timeoutMs = 8_000): Promise<void> {
    return this.#terminal.until(what, condition, timeoutMs);
  }

  /** The shell's prompt with nothing behind it. */
  prompt(): Promise<void> {
    return this.until('prompt', () => /me@asset:\S*[$#]$/.test(this.lastRow));
  }

  /** Waits until nothing has been shown or decided for a while: only so can be seen that nothing happens. */
  quiet(forMs = 250): Promise<void> {
    const state = (): string => `${this.output.length} ${this.judged.length} ${this.failures.length}`;
    return this.#terminal.quiet(state, forMs);
  }

  /** Runs a witness and waits for it, so that everything before it has been decided. */
  async mark(word: string): Promise<void> {
    this.type(`mark ${word}\r`);
    await this.until(`mark ${word}`, () => this.ran.includes(`mark ${word}`));
  }

  #state(): string {
    const judged = this.judged.map((one) => [one.line, one.judgement.verdict, one.reader]);
    return `judged ${JSON.stringify(judged)}\nran ${JSON.stringify(this.ran)} failures ${this.failures.join()}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#gate.close();
    // With it goes the terminal, and with the terminal all that runs on it.
    this.#child.kill('SIGKILL');
    await this.#exited;
    this.#terminal.dispose();
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 10 });
  }
}
