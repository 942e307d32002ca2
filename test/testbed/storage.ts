import { createLogger } from '#lib/log.ts';
import { startStorage, type Storage } from '#main/storage/start.ts';
import { tempFolder } from './temp-folder.ts';

export interface TestStorage extends AsyncDisposable {
  readonly storage: Storage;
}

/** A storage worker on an empty folder of its own; that it ends by itself is an error of the test. */
export async function openStorage(transactionTimeoutMs?: number): Promise<TestStorage> {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await tempFolder());
  const storage = stack.use(
    await startStorage({
      dataDir: folder.path,
      logger: createLogger('silent'),
      transactionTimeoutMs,
      onFailure: (error) => {
        throw error;
      },
    }),
  );
  const owned = stack.move();
  return { storage, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
