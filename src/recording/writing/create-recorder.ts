import { randomBytes } from 'node:crypto';
import { PortcullisError } from '#contract/errors.ts';
import type { Logger } from '#lib/log.ts';
import { Secret } from '#lib/secret.ts';
import { monotonicClock, type Clock, type MonotonicClock } from '#lib/time.ts';
import type { State } from '#state/state.ts';
import type { Stream } from '#stream/stream.ts';
import type { Vault } from '#vault/vault.ts';
import { FrameEncoder } from '../format/encoder.ts';
import { encodeHeader } from '../format/header.ts';
import { encodeMeta } from '../format/meta-payload.ts';
import { DATA_KEY_BYTES, dataKey } from '../format/payload-cipher.ts';
import type { Recorder, RecordingMeta, RecordingWriter } from '../recorder.ts';
import { openSigner, type RecordingSigner } from '../signing-key.ts';
import { recordingName, type RecordingStore } from '../store.ts';
import { FrameThread } from './frame-thread.ts';
import { RecordingLedger } from './ledger.ts';
import { OpenRecording } from './open-recording.ts';
import { SpaceGuard } from './space-guard.ts';
import { writeLarge } from './write-all.ts';
import { isDiskFull, writeFailure } from './write-failure.ts';

export interface RecorderOptions {
  readonly store: RecordingStore;
  readonly vault: Vault;
  readonly state: State;
  readonly stream: Stream;
  readonly clock: Clock;
  readonly monotonic?: MonotonicClock;
  readonly logger: Logger;
  /** No recording begins with less space than this: a session that ends at once helps nobody. */
  readonly minimumFreeBytes?: number;
  /** How often what was accepted is forced to disk. */
  readonly syncEveryMs?: number;
  /** How often the head of a recording that grows is signed and anchored in the stream. */
  readonly anchorEveryMs?: number;
}

export interface RecorderService extends Recorder, AsyncDisposable {
  /** How many recordings are being written. */
  readonly open: number;
  /** The Ed25519 key that signs, base64url: what a verifier should be given. */
  readonly signerPublicKey: string;
}

const MINIMUM_FREE_BYTES = 16 * 1_048_576;
/** Half of the promised second: a tick that comes late must not break the promise. */
const SYNC_EVERY_MS = 500;

/** The recorder of this process. Disposing it closes what is still open, with the reason `shutdown`. */
export async function createRecorder(options: RecorderOptions): Promise<RecorderService> {
  const signer = await openSigner(options.state, options.vault);
  const space = new SpaceGuard(options.store, options.minimumFreeBytes ?? MINIMUM_FREE_BYTES, options.logger);
  await space.prepare();
  return new FileRecorder(options, signer, space);
}

class FileRecorder implements RecorderService {
  readonly #options: RecorderOptions;
  readonly #signer: RecordingSigner;
  readonly #space: SpaceGuard;
  readonly #ledger: RecordingLedger;
  readonly #open = new Set<OpenRecording>();
  readonly #timers: readonly NodeJS.Timeout[];
  #thread: FrameThread;
  #anchoring: Promise<void> | undefined;
  #disposed = false;

  constructor(options: RecorderOptions, signer: RecordingSigner, space: SpaceGuard) {
    this.#options = options;
    this.#signer = signer;
    this.#space = space;
    this.#ledger = new RecordingLedger(options);
    this.#thread = newThread(options, signer);
    this.#timers = [
      setInterval(() => this.#syncNames(), options.syncEveryMs ?? SYNC_EVERY_MS).unref(),
      setInterval(() => {
        this.#anchoring ??= this.#anchorAll().finally(() => {
          this.#anchoring = undefined;
        });
      }, options.syncEveryMs ?? 1_000).unref(),
    ];
  }

  get open(): number {
    return this.#open.size;
  }

  get signerPublicKey(): string {
    return this.#signer.publicKey;
  }

  async start(meta: RecordingMeta): Promise<RecordingWriter> {
    if (this.#disposed) throw stopping();
    await this.#space.check();
    const key = new Secret<Uint8Array>(randomBytes(DATA_KEY_BYTES));
    const name = recordingName(meta.recordingId, meta.startedAt);
    const [row, file] = await Promise.allSettled([
      this.#ledger.started(meta, name, key, this.#signer.publicKey),
      this.#createFile(meta, name, key),
    ]);
    if (row.status === 'fulfilled' && file.status === 'fulfilled') {
      if (this.#disposed) {
        await file.value.finish('shutdown');
        throw stopping();
      }
      this.#open.add(file.value);
      return file.value;
    }
    if (file.status === 'fulfilled') await file.value.abandon();
    await this.#options.store.remove(name).catch(() => {});
    if (row.status === 'fulfilled') await this.#ledger.withdrawn(meta, 'not-started');
    throw row.status === 'rejected'
      ? row.reason
      : writeFailure(file.status === 'rejected' ? file.reason : undefined);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true;
    for (const timer of this.#timers) clearInterval(timer);
    await this.#anchoring;
    const endings = [...this.#open].map((recording) => recording.finish('shutdown'));
    for (const ending of await Promise.allSettled(endings)) {
      if (ending.status === 'rejected')
        this.#options.logger.error({ err: ending.reason }, 'a recording was not finished');
    }
    await this.#thread[Symbol.asyncDispose]();
  }

  /** One write: header, who and what, and the first signature. */
  async #createFile(
    meta: RecordingMeta,
    name: string,
    secretKey: Secret<Uint8Array>,
  ): Promise<OpenRecording> {
    const { store, clock, logger } = this.#options;
    const monotonic = this.#options.monotonic ?? monotonicClock;
    const startedAtMonotonicMs = monotonic();
    const key = dataKey(secretKey.expose());
    const header = encodeHeader({
      recording: meta.recordingId,
      startedAt: meta.startedAt,
      signer: this.#signer.publicKey,
    });
    const encoder = new FrameEncoder({ frames: 0, offset: header.bytes.length, digest: header.digest });
    const who = encodeMeta(meta);
    const first = encoder.encrypted(key, 'meta', 0, [who], who.length);
    const head = encoder.head(this.#signer, 0, { wallMs: clock(), final: false });

    const content = Buffer.concat([header.bytes, ...first, ...head.bytes]);
    const { file: handle, syncName } = await store.create(name);
    try {
      await writeLarge(handle.fd, [content], 0, content.length);
    } catch (error) {
      await handle.close().catch(() => {});
      await this.#space.givesUp(error);
      throw error;
    }
    const frames = this.#frameThread().open({
      fd: handle.fd,
      key,
      start: encoder.position,
      frames: encoder.position.frames,
      startedAtMonotonicMs,
      monotonic,
      clock,
      onFailure: (error) => {
        recording.onFailure(error);
        if (isDiskFull(error)) this.#failAll(error);
      },
    });
    const recording: OpenRecording = new OpenRecording({
      meta,
      handle,
      frames,
      firstHead: head.signed,
      signer: this.#signer,
      ledger: this.#ledger,
      space: this.#space,
      clock,
      logger,
      syncName,
      onClosed: () => this.#open.delete(recording),
    });
    return recording;
  }

  /** A new thread takes the place of one that was lost. */
  #frameThread(): FrameThread {
    if (this.#thread.failure !== undefined) this.#thread = newThread(this.#options, this.#signer);
    return this.#thread;
  }

  #syncNames(): void {
    // A failure ends the recording by itself and is reported there.
    for (const recording of this.#open) recording.syncName().catch(() => {});
  }

  async #anchorAll(): Promise<void> {
    await this.#ledger.retry();
    const signing = [...this.#open].map(async (recording) => {
      const signed = await recording.headToAnchor(this.#options.anchorEveryMs ?? 10_000);
      return signed === undefined ? [] : [{ recording, signed }];
    });
    const heads = (await Promise.allSettled(signing)).flatMap((head) =>
      head.status === 'fulfilled' ? head.value : [],
    );
    if (heads.length === 0) return;
    try {
      await this.#ledger.anchored(heads.map(({ recording, signed }) => ({ meta: recording.meta, signed })));
      for (const { recording, signed } of heads) recording.anchored(signed);
    } catch (error) {
      this.#options.logger.error(
        { err: error },
        'heads of recordings could not be anchored; they will be offered again',
      );
    }
  }

  /** A full disk concerns every recording: their end records need the little space there is. */
  #failAll(error: unknown): void {
    for (const recording of this.#open) recording.fail(error);
  }
}

function stopping(): PortcullisError {
  return new PortcullisError('E_RECORDING_WRITE', 'The server is stopping; no recording begins.');
}

function newThread(options: RecorderOptions, signer: RecordingSigner): FrameThread {
  const { publicKey, privateKey } = signer;
  return new FrameThread({ publicKey, privateKey, syncEveryMs: options.syncEveryMs ?? SYNC_EVERY_MS });
}
