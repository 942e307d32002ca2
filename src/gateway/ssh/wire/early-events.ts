import type { Part, PortListener } from './channel-port.ts';

/**
 * Keeps what happens on a channel while nobody reads it. Data is bounded by the window, which is not opened
 * again meanwhile.
 */
export class EarlyEvents implements PortListener {
  #data: { readonly bytes: Buffer; readonly part: Part }[] = [];
  #eof = false;
  #closed = false;
  #violation: string | undefined;

  data(bytes: Buffer, part: Part): void {
    this.#data.push({ bytes: Buffer.from(bytes), part });
  }

  eof(): void {
    this.#eof = true;
  }

  closed(): void {
    this.#closed = true;
  }

  sent(): void {
    // Nobody sends before somebody reads.
  }

  violation(what: string): void {
    this.#violation ??= what;
  }

  /** Tells a reader what it missed, in order; `eof` is told to every reader that comes. */
  replay(to: PortListener): void {
    const missed = this.#data;
    this.#data = [];
    for (const { bytes, part } of missed) to.data(bytes, part);
    if (this.#violation !== undefined) to.violation(this.#violation);
    if (this.#eof) to.eof();
    if (this.#closed) to.closed();
  }
}
