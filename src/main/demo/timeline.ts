/** The story as it happens: one line a step, with the milliseconds since the one before. */
export class Timeline {
  readonly #startedAt = performance.now();
  readonly #json: boolean;
  readonly #colour: boolean;
  readonly #write: (line: string) => void;
  #lastAt = this.#startedAt;

  constructor(options: {
    readonly json: boolean;
    readonly colour: boolean;
    readonly write: (line: string) => void;
  }) {
    this.#json = options.json;
    this.#colour = options.colour;
    this.#write = options.write;
  }

  /** A step that was observed from outside. */
  step(name: string, detail: string): void {
    const now = performance.now();
    const atMs = now - this.#startedAt;
    const tookMs = now - this.#lastAt;
    this.#lastAt = now;
    if (this.#json) {
      this.#write(
        JSON.stringify({ step: name, detail, atMs: Math.round(atMs), tookMs: Number(tookMs.toFixed(1)) }),
      );
      return;
    }
    const time = `${(atMs / 1000).toFixed(3)} s`.padStart(10);
    const took = `+${tookMs.toFixed(0)} ms`.padStart(9);
    this.#write(`${this.#paint('2', `${time} ${took}`)}  ${this.#paint('1', name.padEnd(26))} ${detail}`);
  }

  /** A line without a time. */
  say(text: string): void {
    if (!this.#json) this.#write(text);
  }

  #paint(code: string, text: string): string {
    return this.#colour ? `\u001B[${code}m${text}\u001B[0m` : text;
  }
}
