import type { JsonObject } from '#lib/json.ts';
import type { Logger } from '#lib/log.ts';
import type { Clock } from '#lib/time.ts';
import type { RecordingRow } from '#state/schema.ts';
import type { State } from '#state/state.ts';
import { recordingKeyContext } from '#vault/contexts.ts';
import type { Vault } from '#vault/vault.ts';
import { anchorEvent, recordingEvent } from '../events.ts';
import type { SignedHead } from '../format/encoder.ts';
import type { EndPayload } from '../format/end-payload.ts';
import { signerPublicKey, type HeadSigner } from '../format/head-payload.ts';
import { dataKey } from '../format/payload-cipher.ts';
import { scanRecording } from '../format/scan.ts';
import { fileSource } from '../format/source.ts';
import { openSigner } from '../signing-key.ts';
import type { RecordingStore } from '../store.ts';
import { closeTail } from '../writing/close-tail.ts';
import { readToTheEnd } from './read-to-the-end.ts';

export interface RecoverOptions {
  readonly store: RecordingStore;
  readonly vault: Vault;
  readonly state: State;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Only the recordings of sessions on this node; all of them without it. */
  readonly node?: string | undefined;
}

export interface RecoverReport {
  /** Closed here, with an end that says it came abnormally. */
  readonly closed: number;
  /** Had their end in the file already; only the row did not know. */
  readonly settled: number;
  /** Without content: nothing of them was ever accepted, or the file was taken away. */
  readonly missing: number;
  /** Left as they are, because not even the header can be read. */
  readonly damaged: number;
  /** Still open: the file or the key could not be reached. The log says why. */
  readonly failed: number;
}

/**
 * Closes the recordings that a process left open when it ended. To be called at start, before anything new is
 * recorded, by the process that owns the data directory. What was accepted stays, to the last whole frame;
 * what stands behind it is put aside, not thrown away.
 */
export async function recoverRecordings(options: RecoverOptions): Promise<RecoverReport> {
  const { state, vault, logger } = options;
  const counts = { closed: 0, settled: 0, missing: 0, damaged: 0, failed: 0 };
  const rows = await openRows(options);
  if (rows.length === 0) return counts;
  const signer = await openSigner(state, vault);
  for (const row of rows) {
    try {
      counts[await recoverOne(options, signer, row)] += 1;
    } catch (error) {
      counts.failed += 1;
      logger.error({ recordingId: row.id, err: error }, 'a recording could not be closed after a crash');
    }
  }
  return counts;
}

async function openRows({ state, node }: RecoverOptions): Promise<readonly RecordingRow[]> {
  const open = state.reader
    .selectFrom('recordings')
    .selectAll('recordings')
    .where('recordings.state', '=', 'open');
  if (node === undefined) return open.execute();
  return open
    .innerJoin('sessions', 'sessions.id', 'recordings.sessionId')
    .where('sessions.node', '=', node)
    .execute();
}

async function recoverOne(
  options: RecoverOptions,
  signer: HeadSigner,
  row: RecordingRow,
): Promise<Exclude<keyof RecoverReport, 'failed'>> {
  const { store, clock } = options;
  const file = await store.reopen(row.file);
  if (file === undefined) {
    await settle(options, row, ABNORMAL, { missing: true });
    return 'missing';
  }
  await using source = await fileSource(file);
  const opened = await scanRecording(source);
  if (opened.state === 'bad-header' || opened.header.recording !== row.id) {
    const missing = source.bytes === 0;
    const facts = missing ? { missing } : { damage: 'the header cannot be read' };
    await settle(options, row, { ...ABNORMAL, bytes: source.bytes }, facts);
    return missing ? 'missing' : 'damaged';
  }
  const keys = { data: keyOf(options.vault, row), signer: signerPublicKey(signer.publicKey) };
  const found = await readToTheEnd(opened.scan, source.bytes, keys);
  const { position, durationMs, tailBytes, damage } = found;
  if (tailBytes > 0) await store.putTailAside(row.file, position.offset);
  const crash: EndPayload = { outcome: 'abnormal', reason: 'crash', tornBytes: tailBytes };
  const end = found.end ?? crash;
  const state = end.outcome === 'finished' ? 'finished' : 'abnormal';
  if (found.final !== undefined) {
    // Whatever follows a final signature was not written by us; it lies aside now.
    if (tailBytes > 0) await file.truncate(position.offset);
    const { offset: bytes, digest } = position;
    await settle(
      options,
      row,
      { state, durationMs, bytes, digest, signed: found.final },
      { outcome: end.outcome },
    );
    return 'settled';
  }
  // Where the crash came between the end and its signature, the end stays what it is.
  const missingEnd = found.end === undefined ? crash : undefined;
  const tail = await closeTail(file, position, signer, missingEnd, { atMs: durationMs, wallMs: clock() });
  const { offset: bytes, digest } = tail.position;
  const facts = { outcome: end.outcome, frames: position.frames, tornBytes: tailBytes };
  await settle(
    options,
    row,
    { state, durationMs, bytes, digest, signed: tail.signed },
    damage === '' ? facts : { ...facts, damage },
  );
  return 'closed';
}

interface Settled {
  readonly state: 'finished' | 'abnormal';
  readonly durationMs: number;
  readonly bytes: number;
  readonly digest: Buffer | null;
  readonly signed: SignedHead | null;
}

const ABNORMAL: Settled = { state: 'abnormal', durationMs: 0, bytes: 0, digest: null, signed: null };

async function settle(
  options: RecoverOptions,
  row: RecordingRow,
  found: Settled,
  facts: JsonObject,
): Promise<void> {
  const { state, clock } = options;
  const { id: recordingId, sessionId, channelId } = row;
  const { durationMs, bytes, digest, signed } = found;
  await state.transact(async (tx, emit) => {
    const session = await tx
      .selectFrom('sessions')
      .selectAll()
      .where('id', '=', sessionId)
      .executeTakeFirst();
    const owner = {
      recordingId,
      sessionId,
      channelId,
      ...(session === undefined
        ? {}
        : {
            user: session.username,
            asset: session.asset,
            account: session.account,
            address: session.address,
          }),
    };
    await tx
      .updateTable('recordings')
      .set({
        state: found.state,
        endedAt: row.startedAt + durationMs,
        bytes,
        headHash: digest?.toString('hex') ?? null,
      })
      .where('id', '=', recordingId)
      .execute();
    const now = clock();
    emit(recordingEvent('recording.recovered', owner, now, { kind: row.kind, bytes, durationMs, ...facts }));
    if (signed !== null) emit(anchorEvent(owner, now, signed));
  });
}

function keyOf(vault: Vault, row: RecordingRow): ReturnType<typeof dataKey> | undefined {
  if (row.sealedKey === null) return undefined;
  return dataKey(vault.openBytes(row.sealedKey, recordingKeyContext(row.id)).expose());
}
