import { generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';
import { newId } from '#lib/ids.ts';
import type { EndPayload } from '../format/end-payload.ts';
import { FrameEncoder, type ChainPosition } from '../format/encoder.ts';
import { encodeHeader } from '../format/header.ts';
import type { HeadSigner } from '../format/head-payload.ts';
import { encodeMeta } from '../format/meta-payload.ts';
import { dataKey } from '../format/payload-cipher.ts';
import type { FrameKind, RecordingMeta } from '../recorder.ts';

/** A recording in memory, made frame by frame: for tests that change single bytes of it. */
export class SampleRecording {
  readonly meta: RecordingMeta;
  readonly key: KeyObject = dataKey(randomBytes(32));
  readonly signer: HeadSigner;
  readonly #encoder: FrameEncoder;
  readonly #parts: Buffer[];
  /** Where each frame begins, and where the last one ends. */
  readonly offsets: number[];

  constructor(changes: Partial<RecordingMeta> = {}, signer: HeadSigner = newSigner()) {
    this.signer = signer;
    this.meta = {
      recordingId: newId(),
      sessionId: newId(),
      channelId: 'c0',
      kind: 'shell',
      user: 'alice',
      asset: 'web01',
      account: 'root',
      address: '192.0.2.7',
      command: null,
      terminal: { columns: 80, rows: 24, type: 'xterm' },
      startedAt: 1_795_000_000_000,
      ...changes,
    };
    const { recordingId, startedAt } = this.meta;
    const header = encodeHeader({ recording: recordingId, startedAt, signer: signer.publicKey });
    this.#encoder = new FrameEncoder({ frames: 0, offset: header.bytes.length, digest: header.digest });
    this.#parts = [header.bytes];
    this.offsets = [header.bytes.length];
    const who = encodeMeta(this.meta);
    this.#add(this.#encoder.encrypted(this.key, 'meta', 0, [who], who.length));
    this.head(0, false);
  }

  get position(): ChainPosition {
    return this.#encoder.position;
  }

  frame(kind: FrameKind, atMs: number, data: Buffer | string): this {
    const bytes = typeof data === 'string' ? Buffer.from(data) : data;
    return this.#add(this.#encoder.encrypted(this.key, kind, atMs, [bytes], bytes.length));
  }

  head(atMs: number, final: boolean): this {
    return this.#add(
      this.#encoder.head(this.signer, atMs, { wallMs: this.meta.startedAt + atMs, final }).bytes,
    );
  }

  end(atMs: number, changes: Partial<EndPayload> = {}): this {
    const end: EndPayload = { outcome: 'finished', reason: 'client', tornBytes: 0, ...changes };
    return this.#add(this.#encoder.end(atMs, end)).head(atMs, true);
  }

  bytes(): Buffer {
    return Buffer.concat(this.#parts);
  }

  /** Index of the frame in which a byte lies; null in the header. */
  frameAt(offset: number): number | null {
    const next = this.offsets.findIndex((start) => start > offset);
    return next === 0 ? null : next - 1;
  }

  #add(parts: readonly Buffer[]): this {
    this.#parts.push(...parts);
    this.offsets.push(this.#encoder.position.offset);
    return this;
  }
}

export function newSigner(): HeadSigner {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const { x = '' } = publicKey.export({ format: 'jwk' });
  return { publicKey: x, sign: (data) => sign(null, data, privateKey) };
}
