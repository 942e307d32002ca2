import { PortcullisError } from '#contract/errors.ts';
import type { Logger } from '#lib/log.ts';
import type { RecordingStore } from '../store.ts';
import { isDiskFull, writeFailure } from './write-failure.ts';

const MEBIBYTE = 1_048_576;

/**
 * Watches over the space of recordings. Once a write met a full disk, the reserve is given up to the end
 * records and nothing new begins until it could be taken again.
 */
export class SpaceGuard {
  readonly #store: RecordingStore;
  readonly #minimumFreeBytes: number;
  readonly #logger: Logger;
  #full = false;
  #releasing: Promise<void> | undefined;

  constructor(store: RecordingStore, minimumFreeBytes: number, logger: Logger) {
    this.#store = store;
    this.#minimumFreeBytes = minimumFreeBytes;
    this.#logger = logger;
  }

  /** Takes the reserve. Without it the server still starts, to say what is wrong. */
  async prepare(): Promise<void> {
    try {
      await this.#store.reserve.take();
      this.#full = false;
    } catch (error) {
      this.#full = true;
      this.#logger.error({ err: error }, 'no space for recordings: sessions are refused until there is');
    }
  }

  /** Rejects when a recording that begins now would soon have to end. */
  async check(): Promise<void> {
    if (this.#full) {
      await this.#releasing;
      await this.prepare();
    }
    const availableBytes = await this.#store.availableBytes().catch((error: unknown) => {
      throw writeFailure(error);
    });
    if (this.#full || availableBytes < this.#minimumFreeBytes) {
      const free = Math.floor(availableBytes / MEBIBYTE);
      const needed = Math.ceil(this.#minimumFreeBytes / MEBIBYTE);
      throw new PortcullisError(
        'E_RECORDING_WRITE',
        `There is no space to record a session: ${String(free)} MiB are free under dataDir, at least ${String(needed)} MiB are needed. Free space, then connect again.`,
      );
    }
  }

  /** True when the error means that no recording can go on; then the reserve is free for their end records. */
  async givesUp(error: unknown): Promise<boolean> {
    if (!isDiskFull(error)) return false;
    this.#full = true;
    this.#releasing ??= this.#release();
    await this.#releasing;
    return true;
  }

  async #release(): Promise<void> {
    try {
      await this.#store.reserve.release();
    } finally {
      this.#releasing = undefined;
    }
  }
}
