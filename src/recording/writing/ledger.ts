import type { EventRecord } from '#contract/event.ts';
import type { Logger } from '#lib/log.ts';
import type { Secret } from '#lib/secret.ts';
import type { Clock } from '#lib/time.ts';
import type { State } from '#state/state.ts';
import type { Stream } from '#stream/stream.ts';
import { recordingKeyContext } from '#vault/contexts.ts';
import type { Vault } from '#vault/vault.ts';
import { anchorEvent, recordingEvent } from '../events.ts';
import type { ChainPosition, SignedHead } from '../format/encoder.ts';
import type { RecordingMeta } from '../recorder.ts';
import type { ClosedTail } from './close-tail.ts';

export interface LedgerParts {
  readonly state: State;
  readonly stream: Stream;
  readonly vault: Vault;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What the rest of the house knows of recordings: their rows, and the events that vouch for them. */
export class RecordingLedger {
  readonly #parts: LedgerParts;
  /** Endings that the state did not take, to be offered again: a disk that was full may have space later. */
  readonly #unsettled = new Map<string, () => Promise<void>>();

  constructor(parts: LedgerParts) {
    this.#parts = parts;
  }

  /** Before anything is recorded: without its key in the state a recording could never be read. */
  async started(meta: RecordingMeta, file: string, key: Secret<Uint8Array>, signer: string): Promise<void> {
    const { state, vault, clock } = this.#parts;
    const sealedKey = vault.seal(key, recordingKeyContext(meta.recordingId));
    await state.transact(async (tx, emit) => {
      await tx
        .insertInto('recordings')
        .values({
          id: meta.recordingId,
          sessionId: meta.sessionId,
          channelId: meta.channelId,
          kind: meta.kind,
          sealedKey,
          file,
          startedAt: meta.startedAt,
          endedAt: null,
          state: 'open',
          bytes: 0,
          headHash: null,
        })
        .execute();
      emit(recordingEvent('recording.started', meta, clock(), { kind: meta.kind, signer }));
    });
  }

  /** Heads of recordings that go on. Rejects when the stream did not take them; they are offered again. */
  async anchored(
    heads: readonly { readonly meta: RecordingMeta; readonly signed: SignedHead }[],
  ): Promise<void> {
    const now = this.#parts.clock();
    await this.#parts.stream.publish(heads.map(({ meta, signed }) => anchorEvent(meta, now, signed)));
  }

  async finished(
    meta: RecordingMeta,
    signed: SignedHead,
    end: ChainPosition,
    durationMs: number,
  ): Promise<void> {
    const now = this.#parts.clock();
    const events = [
      anchorEvent(meta, now, signed),
      recordingEvent('recording.finished', meta, now, {
        kind: meta.kind,
        bytes: end.offset,
        frames: end.frames,
        durationMs,
        digest: end.digest.toString('hex'),
      }),
    ];
    const settle = (): Promise<void> =>
      this.#close(meta.recordingId, 'finished', meta.startedAt + durationMs, end, events);
    try {
      await settle();
    } catch (error) {
      this.#unsettled.set(meta.recordingId, settle);
      throw error;
    }
  }

  /** Tells as much as can still be told: a disk that fails here often fails the state as well. Never rejects. */
  async failed(
    meta: RecordingMeta,
    reason: string,
    tail: ClosedTail | undefined,
    durationMs: number,
  ): Promise<void> {
    const { clock, stream, logger } = this.#parts;
    const now = clock();
    const failure = recordingEvent('recording.failed', meta, now, {
      reason,
      closed: tail !== undefined,
      durationMs,
    });
    const events = tail === undefined ? [failure] : [failure, anchorEvent(meta, now, tail.signed)];
    // A file that could not be closed keeps its row open: the next start closes both.
    const settle = async (): Promise<void> => {
      if (tail === undefined) await stream.publish(events);
      else
        await this.#close(meta.recordingId, 'abnormal', meta.startedAt + durationMs, tail.position, events);
    };
    try {
      await settle();
    } catch (error) {
      logger.error(
        { recordingId: meta.recordingId, err: error },
        'the failure of a recording could not be stored',
      );
      this.#unsettled.set(meta.recordingId, settle);
    }
  }

  /** Offers again what the state did not take. Never rejects. */
  async retry(): Promise<void> {
    for (const [recordingId, settle] of this.#unsettled) {
      try {
        await settle();
        this.#unsettled.delete(recordingId);
      } catch {
        // The first failure was reported; as long as this one fails the others do as well.
        return;
      }
    }
  }

  /** A recording of which nothing was ever accepted. */
  async withdrawn(meta: RecordingMeta, reason: string): Promise<void> {
    const { state, clock } = this.#parts;
    await state.transact(async (tx, emit) => {
      const now = clock();
      const values = { state: 'abnormal' as const, endedAt: now, sealedKey: null };
      await tx.updateTable('recordings').set(values).where('id', '=', meta.recordingId).execute();
      emit(recordingEvent('recording.failed', meta, now, { reason, closed: true, durationMs: 0 }));
    });
  }

  async #close(
    recordingId: string,
    outcome: 'finished' | 'abnormal',
    endedAt: number,
    end: ChainPosition,
    events: readonly EventRecord[],
  ): Promise<void> {
    await this.#parts.state.transact(async (tx, emit) => {
      await tx
        .updateTable('recordings')
        .set({ state: outcome, endedAt, bytes: end.offset, headHash: end.digest.toString('hex') })
        .where('id', '=', recordingId)
        .where('state', '=', 'open')
        .execute();
      for (const event of events) emit(event);
    });
  }
}
