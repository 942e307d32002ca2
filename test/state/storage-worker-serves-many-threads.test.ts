import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { Worker, type MessagePort } from 'node:worker_threads';
import { connectRpc } from '#lib/rpc.ts';
import { connectStorage } from '#main/storage/connect.ts';
import { startStorage, type StorageOptions } from '#main/storage/start.ts';
import type { StateCalls } from '#state/sqlite/calls.ts';
import { logger } from './backends.ts';
import { tempFolder } from '../testbed/temp-folder.ts';

const start = (dataDir: string, more: Partial<StorageOptions> = {}): ReturnType<typeof startStorage> =>
  startStorage({ dataDir, logger, onFailure: () => {}, ...more });

const thread = (port: MessagePort, task: string): Worker =>
  new Worker(new URL('storage-client.ts', import.meta.url), {
    workerData: { port, task },
    transferList: [port],
    execArgv: [],
  });

describe('the storage worker', () => {
  it('gives another thread the same state and stream, and relays what it commits', async () => {
    await using folder = await tempFolder();
    await using storage = await start(folder.path);
    const worker = thread(storage.newPort(), 'commit, publish and read');
    // It committed there; the relay here carried the event; it read it there.
    const [message] = (await once(worker, 'message')) as [unknown];
    expect(message).toBe('emitted');
    await worker.terminate();
    expect(await storage.state.reader.selectFrom('settings').select('key').execute()).toEqual([
      { key: 'from a thread' },
    ]);
  });

  it('rolls back at once what a thread had open that dies, and serves the next', async () => {
    await using folder = await tempFolder();
    // So long that only the end of the port can have ended the transaction.
    await using storage = await start(folder.path, { transactionTimeoutMs: 600_000 });
    const worker = thread(storage.newPort(), 'hold a transaction and die');
    await once(worker, 'message');
    const next = storage.state.transact((tx) =>
      tx.insertInto('settings').values({ key: 'next', value: '' }).execute(),
    );
    await worker.terminate();
    await next;
    expect(await storage.state.reader.selectFrom('settings').select('key').execute()).toEqual([
      { key: 'next' },
    ]);
  });

  it('forgets who waits for the writer on a port that closes', async () => {
    await using folder = await tempFolder();
    await using storage = await start(folder.path);
    const release = Promise.withResolvers<void>();
    const held = Promise.withResolvers<void>();
    const holding = storage.state.transact(async () => {
      held.resolve();
      await release.promise;
    });
    await held.promise;
    const waiter = await connectStorage({ port: storage.newPort(), logger });
    const waiting = waiter.state
      .transact((tx) => tx.insertInto('settings').values({ key: 'waiting', value: '' }).execute())
      .then(
        () => 'done',
        () => 'refused',
      );
    // One answered call: the request to begin has arrived before it.
    await waiter.state.reader.selectFrom('settings').selectAll().execute();
    await waiter[Symbol.asyncDispose]();
    expect(await waiting).toBe('refused');
    const next = storage.state.transact((tx) =>
      tx.insertInto('settings').values({ key: 'next', value: '' }).execute(),
    );
    release.resolve();
    await holding;
    await next;
    expect(await storage.state.reader.selectFrom('settings').select('key').execute()).toEqual([
      { key: 'next' },
    ]);
  });

  it('rolls back a transaction whose client neither ends it nor goes away', async () => {
    await using folder = await tempFolder();
    await using storage = await start(folder.path);
    const port = storage.newPort();
    const { call } = connectRpc<StateCalls>(port);
    const transaction = await call.stateBegin(50);
    await call.stateQuery(transaction, `insert into settings (key, value) values ('a', '')`, []);
    const next = storage.state.transact((tx) =>
      tx.insertInto('settings').values({ key: 'next', value: '' }).execute(),
    );
    await next;
    await expect(call.stateCommit(transaction)).rejects.toMatchObject({ failure: 'timeout' });
    await expect(call.stateQuery(transaction, 'select 1', [])).rejects.toMatchObject({ failure: 'timeout' });
    await call.stateRollback(transaction);
    expect(await storage.state.reader.selectFrom('settings').select('key').execute()).toEqual([
      { key: 'next' },
    ]);
    port.close();
  });

  it('lets no client touch the transaction of another', async () => {
    await using folder = await tempFolder();
    await using storage = await start(folder.path);
    const [one, other] = [storage.newPort(), storage.newPort()];
    const mine = connectRpc<StateCalls>(one).call;
    const theirs = connectRpc<StateCalls>(other).call;
    const transaction = await mine.stateBegin(10_000);
    await expect(theirs.stateCommit(transaction)).rejects.toMatchObject({ failure: 'ended' });
    await theirs.stateRollback(transaction);
    await mine.stateQuery(transaction, `insert into settings (key, value) values ('a', '')`, []);
    await mine.stateCommit(transaction);
    expect(await storage.state.reader.selectFrom('settings').select('key').execute()).toEqual([{ key: 'a' }]);
    one.close();
    other.close();
  });

  it('tells its owner when it dies, and leaves nobody waiting', async () => {
    await using folder = await tempFolder();
    const failed = Promise.withResolvers<Error>();
    await using storage = await start(folder.path, { onFailure: failed.resolve });
    const reading = storage.stream.read(0, 1, new AbortController().signal);
    const port = storage.newPort();
    // What no client of ours sends: the thread cannot go on after it.
    port.postMessage(null);
    await expect(reading).rejects.toMatchObject({ name: 'PortcullisError', code: 'E_STREAM' });
    expect(await failed.promise).toMatchObject({ code: 'E_UNAVAILABLE' });
    await expect(storage.state.transact(() => Promise.resolve())).rejects.toMatchObject({
      code: 'E_UNAVAILABLE',
    });
    await expect(storage.state.reader.selectFrom('settings').selectAll().execute()).rejects.toMatchObject({
      code: 'E_UNAVAILABLE',
    });
    await expect(storage.stream.head()).rejects.toMatchObject({ code: 'E_STREAM' });
  });
});
