import { createLogger } from '#lib/log.ts';
import { startStorage } from '#main/storage/start.ts';
import { MemoryStream } from '#stream/memory.ts';
import type { Stream } from '#stream/stream.ts';
import { tempFolder } from '../state/backends.ts';

interface OpenedStream extends AsyncDisposable {
  readonly stream: Stream;
}

export interface StreamBackend {
  readonly name: string;
  open(): Promise<OpenedStream>;
}

export const STREAM_BACKENDS: readonly StreamBackend[] = [
  {
    name: 'journal in the storage worker',
    async open() {
      await using stack = new AsyncDisposableStack();
      const folder = stack.use(await tempFolder());
      const storage = stack.use(
        await startStorage({
          dataDir: folder.path,
          logger: createLogger('silent'),
          onFailure: (error) => {
            throw error;
          },
        }),
      );
      const owned = stack.move();
      return { stream: storage.stream, [Symbol.asyncDispose]: () => owned.disposeAsync() };
    },
  },
  {
    name: 'memory',
    open: () => {
      const stream = new MemoryStream();
      return Promise.resolve({ stream, [Symbol.asyncDispose]: () => stream[Symbol.asyncDispose]() });
    },
  },
];
