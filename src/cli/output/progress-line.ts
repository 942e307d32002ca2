import type { CliIo } from '../io.ts';

const SHOW_EVERY_MS = 200;
const BAR_WIDTH = 24;

/** How far a long task has come, on one line of standard error that is written over. Nothing when no person looks. */
export class ProgressLine {
  readonly #io: Pick<CliIo, 'err' | 'isTerminal'>;
  readonly #totalBytes: number;
  readonly #startedMs = performance.now();
  #shownMs = Number.NEGATIVE_INFINITY;

  constructor(io: Pick<CliIo, 'err' | 'isTerminal'>, totalBytes: number) {
    this.#io = io;
    this.#totalBytes = totalBytes;
  }

  show(bytes: number, { lines, failed }: { readonly lines: number; readonly failed: number }): void {
    const nowMs = performance.now();
    if (!this.#io.isTerminal || nowMs - this.#shownMs < SHOW_EVERY_MS) return;
    this.#shownMs = nowMs;
    const seconds = Math.max(0.001, (nowMs - this.#startedMs) / 1000);
    const part = Math.min(1, bytes / Math.max(1, this.#totalBytes));
    const filled = Math.round(part * BAR_WIDTH);
    const bar = `${'#'.repeat(filled)}${'.'.repeat(BAR_WIDTH - filled)}`;
    const left = part === 0 ? 0 : (seconds * (1 - part)) / part;
    const rate = Math.round(lines / seconds);
    this.#io.err(
      `\r\u001B[K[${bar}] ${Math.floor(part * 100)} %  ${rate} lines/s  ${clock(left)} left  ${lines - failed} read, ${failed} not`,
    );
  }

  end(): void {
    if (this.#io.isTerminal && this.#shownMs > Number.NEGATIVE_INFINITY) this.#io.err('\r\u001B[K');
  }
}

function clock(seconds: number): string {
  const whole = Math.ceil(seconds);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${Math.floor(whole / 60)}:${two(whole % 60)}`;
}
