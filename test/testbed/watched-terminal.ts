import headless from '@xterm/headless';

/** A person's terminal in a test: shows what is written to it, and lets the test wait for what it shows. */
export class WatchedTerminal {
  /** Everything that was written, one character a byte. */
  output = '';
  readonly #terminal: InstanceType<typeof headless.Terminal>;
  readonly #describe: () => string;
  #changed = Promise.withResolvers<void>();

  /** `describe`: what a failing wait tells besides the screen. */
  constructor(columns: number, rows: number, describe: () => string) {
    this.#describe = describe;
    this.#terminal = new headless.Terminal({
      cols: columns,
      rows,
      scrollback: 500,
      allowProposedApi: true,
      logLevel: 'off',
    });
  }

  /** Resolves with what the terminal itself answers, as real ones do when they are asked who they are. */
  onAnswer(answer: (text: string) => void): void {
    this.#terminal.onData((text) => {
      if (text !== '') answer(text);
    });
  }

  write(bytes: Buffer): void {
    this.output += bytes.toString('latin1');
    // Behind input, however empty, the emulator parses at once: the screen is never older than the output.
    this.#terminal.input('');
    this.#terminal.write(bytes, () => this.changed());
  }

  resize(columns: number, rows: number): void {
    this.#terminal.resize(columns, rows);
  }

  /** Something that a wait may depend on has changed. */
  changed(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }

  get screen(): string {
    const { active } = this.#terminal.buffer;
    const rows: string[] = [];
    for (let row = 0; row < active.length; row += 1)
      rows.push(active.getLine(row)?.translateToString(true).trimEnd() ?? '');
    return rows.join('\n').trimEnd();
  }

  get lastRow(): string {
    const { active } = this.#terminal.buffer;
    return (
      active
        .getLine(active.baseY + active.cursorY)
        ?.translateToString(true)
        .trimEnd() ?? ''
    );
  }

  /** The cursor's line over wrapped rows, up to the cursor. */
  get beforeCursor(): string {
    const { active } = this.#terminal.buffer;
    let row = active.baseY + active.cursorY;
    let text = active.getLine(row)?.translateToString(false, 0, active.cursorX) ?? '';
    for (; row > 0 && active.getLine(row)?.isWrapped === true; row -= 1)
      text = (active.getLine(row - 1)?.translateToString(false) ?? '') + text;
    return text;
  }

  /** Waits for the condition; the error shows the screen. */
  async until(what: string, condition: () => boolean, timeoutMs = 8_000): Promise<void> {
    const timeout = Promise.withResolvers<'late'>();
    const timer = setTimeout(() => timeout.resolve('late'), timeoutMs);
    try {
      while (!condition()) {
        const poll = setTimeout(() => this.changed(), 20);
        const result = await Promise.race([this.#changed.promise, timeout.promise]);
        clearTimeout(poll);
        if (result === 'late') throw new Error(`not seen: ${what}\n${this.#describe()}\n${this.screen}`);
      }
    } finally {
      clearTimeout(timer);
    }
  }

  /** Waits until the state has not changed for a while: only so can be seen that nothing happens. */
  async quiet(state: () => string, forMs = 250): Promise<void> {
    let last = state();
    let since = performance.now();
    await this.until('quiet', () => {
      if (state() !== last) since = performance.now();
      last = state();
      return performance.now() - since >= forMs;
    });
  }

  dispose(): void {
    this.#terminal.dispose();
  }
}
