import type { MessagePort } from 'node:worker_threads';
import type { Logger } from '#lib/log.ts';
import { connectRpc } from '#lib/rpc.ts';
import type { EmittingState } from '#state/outbox-relay.ts';
import { openPostgresState } from '#state/postgres/client.ts';
import type { StateCalls } from '#state/sqlite/calls.ts';
import { connectSqliteState } from '#state/sqlite/client.ts';
import type { JournalCalls } from '#stream/journal/calls.ts';
import { JournalStream } from '#stream/journal/client.ts';
import { RecentEntries } from '#stream/journal/recent-entries.ts';
import type { Stream } from '#stream/stream.ts';

export interface ConnectOptions {
  /** A port of the storage worker, from `Storage.newPort()`. It is closed with the connection. */
  readonly port: MessagePort;
  readonly logger: Logger;
  /** `postgres://…` when the state database is there instead of in the worker. */
  readonly stateUrl?: string | undefined;
  /** How long a transaction may stay open before it is rolled back. */
  readonly transactionTimeoutMs?: number | undefined;
  /** This thread reads what it publishes: it is kept for a moment, so that it need not be read back. */
  readonly readsWhatItPublishes?: boolean;
}

export interface StorageConnection extends AsyncDisposable {
  readonly state: EmittingState;
  readonly stream: Stream;
}

/** State and stream for this thread, over one port of the storage worker. */
export async function connectStorage(options: ConnectOptions): Promise<StorageConnection> {
  const { port, logger, stateUrl, transactionTimeoutMs: timeoutMs } = options;
  const client = connectRpc<StateCalls & JournalCalls>(port);
  const stream = new JournalStream(client, options.readsWhatItPublishes ? new RecentEntries() : undefined);
  const state =
    stateUrl === undefined
      ? connectSqliteState(client, timeoutMs)
      : await openPostgresState({ url: stateUrl, logger, migrate: false, timeoutMs });
  return {
    state,
    stream,
    async [Symbol.asyncDispose]() {
      await stream[Symbol.asyncDispose]();
      await state[Symbol.asyncDispose]();
      client.close(new Error('the storage connection is closed'));
      port.close();
    },
  };
}
