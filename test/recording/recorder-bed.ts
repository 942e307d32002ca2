import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newId } from '#lib/ids.ts';
import { createLogger, type Logger } from '#lib/log.ts';
import { startStorage, type Storage } from '#main/storage/start.ts';
import { createFolderStore } from '#recording/folder-store.ts';
import { dataKey } from '#recording/format/payload-cipher.ts';
import type { RecordingMeta } from '#recording/recorder.ts';
import type { RecordingStore } from '#recording/store.ts';
import {
  createRecorder,
  type RecorderOptions,
  type RecorderService,
} from '#recording/writing/create-recorder.ts';
import type { EventRecord } from '#contract/event.ts';
import type { RecordingRow } from '#state/schema.ts';
import type { State } from '#state/state.ts';
import { recordingKeyContext } from '#vault/contexts.ts';
import { openVault, type KeyedVault } from '#vault/open-vault.ts';
import { storedEvents } from '../testbed/stored-events.ts';

/** Everything a recorder needs, real: storage worker, vault, folder. */
export interface RecorderBed extends AsyncDisposable {
  readonly dataDir: string;
  readonly storage: Storage;
  readonly vault: KeyedVault;
  readonly store: RecordingStore;
  readonly recorder: RecorderService;
  readonly logger: Logger;
  row(id: string): Promise<RecordingRow>;
  key(id: string): Promise<ReturnType<typeof dataKey>>;
  /** The events so far, once those of committed transactions have arrived. */
  events(): Promise<readonly EventRecord[]>;
}

export interface BedOptions {
  readonly dataDir?: string;
  /** Elsewhere than in the data folder, e.g. on a small file system. */
  readonly recordings?: string;
  readonly reserveBytes?: number;
  readonly recorder?: Partial<RecorderOptions>;
  /** Stands between the recorder and the state. */
  readonly wrapState?: (state: State) => State;
}

export async function temporaryFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'portcullis-recording-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

export async function startBed(options: BedOptions = {}): Promise<RecorderBed> {
  await using stack = new AsyncDisposableStack();
  const dataDir = options.dataDir ?? stack.use(await temporaryFolder()).path;
  const logger = createLogger('silent');
  const onFailure = (error: Error): void => {
    throw error;
  };
  const storage = stack.use(await startStorage({ dataDir, logger, onFailure }));
  const { state, stream } = storage;
  const vault = await openVault({ keyFile: join(dataDir, 'master.key'), createIfMissing: true });
  const folder = options.recordings ?? join(dataDir, 'recordings');
  const store = createFolderStore({ folder, reserveBytes: options.reserveBytes ?? 65_536 });
  const recorder = stack.use(
    await createRecorder({
      store,
      vault,
      state: options.wrapState?.(state) ?? state,
      stream,
      logger,
      clock: Date.now,
      minimumFreeBytes: 0,
      ...options.recorder,
    }),
  );
  const owned = stack.move();
  const row = (id: string): Promise<RecordingRow> =>
    state.reader.selectFrom('recordings').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
  return {
    dataDir,
    storage,
    vault,
    store,
    recorder,
    logger,
    row,
    key: async (id) => {
      const { sealedKey } = await row(id);
      return dataKey(vault.openBytes(sealedKey ?? '', recordingKeyContext(id)).expose());
    },
    events: async () => {
      await storage.relay.settled();
      return storedEvents(stream);
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

export function meta(changes: Partial<RecordingMeta> = {}): RecordingMeta {
  return {
    recordingId: newId(),
    sessionId: newId(),
    channelId: 'c0',
    kind: 'shell',
    user: 'alice',
    asset: 'web01',
    account: 'root',
    address: '192.0.2.7',
    command: null,
    terminal: { columns: 80, rows: 24, type: 'xterm-256color' },
    startedAt: Date.now(),
    ...changes,
  };
}
