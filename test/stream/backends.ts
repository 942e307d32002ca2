import { createLogger } from '#lib/log.ts';
import { connectStorage } from '#main/storage/connect.ts';
import { MemoryStream } from '#stream/memory.ts';
import type { Stream } from '#stream/stream.ts';
import { openStorage } from '../testbed/storage.ts';

interface OpenedStream extends AsyncDisposable {
  readonly stream: Stream;
}

export interface StreamBackend {
  readonly name: string;
  open(): Promise<OpenedStream>;
}

const logger = createLogger('silent');

async function openJournal(readsWhatItPublishes: boolean): Promise<OpenedStream> {
  await using stack = new AsyncDisposableStack();
  const { storage } = stack.use(await openStorage());
  const { stream } = readsWhatItPublishes
    ? stack.use(await connectStorage({ port: storage.newPort(), logger, readsWhatItPublishes }))
    : storage;
  const owned = stack.move();
  return { stream, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

export const STREAM_BACKENDS: readonly StreamBackend[] = [
  { name: 'journal in the storage worker', open: () => openJournal(false) },
  { name: 'journal, with what this thread published at hand', open: () => openJournal(true) },
  {
    name: 'memory',
    open: () => {
      const stream = new MemoryStream();
      return Promise.resolve({ stream, [Symbol.asyncDispose]: () => stream[Symbol.asyncDispose]() });
    },
  },
];
