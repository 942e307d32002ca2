import type { EventRecord } from '#contract/event.ts';
import type { SyslogMessage } from '#domain/syslog/message.ts';
import type { Clock } from '#lib/time.ts';
import { noteSourceCounts, readLogSources } from '#state/log-sources.ts';
import type { State } from '#state/state.ts';
import { SourceTable, type Source } from './source-table.ts';
import { storeStrangers, type Stranger } from './strangers.ts';
import { Tally } from './tally.ts';

export interface SourcesOptions {
  readonly state: Pick<State, 'reader' | 'transact'>;
  readonly clock: Clock;
  /** Sources that nobody confirmed; further ones are not listed. */
  readonly maxUnconfirmed?: number;
}

const MAX_UNCONFIRMED = 1000;
const NOTE_MS = 10_000;
const RELOAD_MS = 30_000;

/** The log sources: which one a line is of, and what came of each. New ones are stored, a bounded number of them. */
export class Sources {
  readonly #options: SourcesOptions;
  readonly #table = new SourceTable();
  readonly #maxUnconfirmed: number;
  #tally = new Tally();
  #strangers = new Map<string, Stranger>();
  #notedAtMs: number;
  #loadedAtMs: number;
  #unlisted = 0;

  constructor(options: SourcesOptions) {
    this.#options = options;
    this.#maxUnconfirmed = options.maxUnconfirmed ?? MAX_UNCONFIRMED;
    this.#notedAtMs = options.clock();
    this.#loadedAtMs = this.#notedAtMs;
  }

  /** Messages of sources for which the list had no room. */
  get unlisted(): number {
    return this.#unlisted;
  }

  /** Reads what is stored. To be called before the first line, and after each change. */
  async reload(): Promise<void> {
    this.#loadedAtMs = this.#options.clock();
    this.#table.replace(await readLogSources(this.#options.state.reader));
  }

  find({ peer, hostname, appName }: SyslogMessage): Source {
    return this.#table.find(peer.address, hostname, appName);
  }

  /** What one line of the source became. */
  count(source: Source, { receivedAtMs, peer }: SyslogMessage, events: readonly EventRecord[]): void {
    const { id } = source;
    if (!source.isListed && !this.#strangers.has(id)) {
      if (this.#strangers.size >= this.#maxUnconfirmed) {
        this.#unlisted += 1;
        return;
      }
      this.#strangers.set(id, { source, transport: peer.transport });
    }
    this.#tally.add(id, receivedAtMs, events);
  }

  /** Stores what was seen: what is new at once, counts when it is time. What fails is kept for the next time. */
  async note(isLast = false): Promise<void> {
    const { state, clock } = this.#options;
    const nowMs = clock();
    const elapsedMs = Math.abs(nowMs - this.#notedAtMs);
    const [strangers, tally] = [this.#strangers, this.#tally];
    if (strangers.size > 0 || (tally.size > 0 && (isLast || elapsedMs >= NOTE_MS))) {
      this.#strangers = new Map();
      this.#tally = new Tally();
      try {
        const listed = await state.transact(async (tx, emit) => {
          const stored = await storeStrangers(tx, emit, [...strangers.values()], this.#maxUnconfirmed, nowMs);
          await noteSourceCounts(tx, tally.over(elapsedMs));
          return stored;
        });
        for (const id of strangers.keys()) if (!listed.has(id)) this.#unlisted += tally.messages(id);
        this.#notedAtMs = nowMs;
      } catch (error) {
        for (const [id, one] of strangers) this.#strangers.set(id, one);
        this.#tally.addAll(tally);
        throw error;
      }
      if (strangers.size > 0) await this.reload();
    }
    if (Math.abs(nowMs - this.#loadedAtMs) >= RELOAD_MS) await this.reload();
  }
}
