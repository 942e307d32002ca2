import type { CliIo } from '../io.ts';
import { formatTable, type Column } from './table.ts';

/** Where results go: tables and sentences for people, one JSON object a line for programs. */
export class Output {
  readonly #io: CliIo;
  readonly json: boolean;
  readonly #color: boolean;

  constructor(io: CliIo, json: boolean) {
    this.#io = io;
    this.json = json;
    this.#color = io.isTerminal && !json && (io.env['NO_COLOR'] ?? '') === '' && io.env['TERM'] !== 'dumb';
  }

  list<T>(items: readonly T[], columns: readonly Column<T>[], empty: string): void {
    if (this.json) for (const item of items) this.object(item);
    else if (items.length === 0) this.text(empty);
    else
      this.#io.out(
        formatTable(items, columns, {
          width: this.#io.isTerminal ? this.#io.columns : Number.POSITIVE_INFINITY,
          heading: (text) => this.#style(text, '1'),
        }),
      );
  }

  /** One thing: the object for programs, the lines for people. */
  show(value: unknown, lines: readonly string[]): void {
    if (this.json) this.object(value);
    else for (const line of lines) this.text(line);
  }

  object(value: unknown): void {
    this.#io.out(`${JSON.stringify(value)}\n`);
  }

  text(line: string): void {
    this.#io.out(`${line}\n`);
  }

  /** Something to know that is no result: on standard error, so that results stay clean. */
  note(line: string): void {
    this.#io.err(`${line}\n`);
  }

  good(text: string): string {
    return this.#style(text, '32');
  }

  bad(text: string): string {
    return this.#style(text, '31');
  }

  caution(text: string): string {
    return this.#style(text, '33');
  }

  #style(text: string, code: string): string {
    return this.#color ? `\u001B[${code}m${text}\u001B[0m` : text;
  }
}
