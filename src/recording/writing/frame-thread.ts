import type { KeyObject } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import type { ChainPosition } from '../format/encoder.ts';
import { BufferPool } from './buffer-pool.ts';
import { FrameChannel, type FrameChannelOptions } from './frame-channel.ts';
import type { FrameThreadSetup, FromFrameThread } from './frame-messages.ts';

export interface OpenFile extends Omit<FrameChannelOptions, 'file' | 'post' | 'buffers'> {
  readonly fd: number;
  readonly key: KeyObject;
  readonly start: ChainPosition;
}

/** The recording thread, seen from the session thread. When it dies, every recording on it fails. */
export class FrameThread implements AsyncDisposable {
  readonly #worker: Worker;
  readonly #channels = new Map<number, FrameChannel>();
  readonly #buffers = new BufferPool();
  #lastFile = 0;
  #failure: Error | undefined;

  constructor(setup: FrameThreadSetup) {
    this.#worker = new Worker(new URL('frame-worker.ts', import.meta.url), {
      name: 'recording',
      workerData: setup,
      execArgv: [],
    });
    this.#worker.on('message', (message: FromFrameThread) => {
      this.#channels.get(message.file)?.heard(message);
      if (message.type === 'stopped') this.#closed(message.file);
    });
    this.#worker.on('error', (error) => this.#lost(error));
    this.#worker.on('exit', () => this.#lost(new Error('the recording thread has ended')));
    // Without a recording the thread is no reason for the process to stay.
    this.#worker.unref();
  }

  /** Undefined while it works. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  open(options: OpenFile): FrameChannel {
    const { fd, key, start, ...rest } = options;
    this.#lastFile += 1;
    const file = this.#lastFile;
    const channel = new FrameChannel({
      ...rest,
      file,
      buffers: this.#buffers,
      post: (message, transfer) => {
        if (this.#failure === undefined) this.#worker.postMessage(message, transfer);
      },
    });
    this.#channels.set(file, channel);
    this.#worker.ref();
    this.#worker.postMessage({ type: 'open', file, fd, key, start });
    if (this.#failure !== undefined) channel.lost(this.#failure);
    return channel;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#failure ??= new Error('the recorder has stopped');
    await this.#worker.terminate();
  }

  #closed(file: number): void {
    this.#channels.delete(file);
    if (this.#channels.size === 0) this.#worker.unref();
  }

  #lost(error: Error): void {
    this.#failure ??= error;
    const channels = [...this.#channels.values()];
    this.#channels.clear();
    for (const channel of channels) channel.lost(this.#failure);
  }
}
