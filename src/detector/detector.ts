import { setTimeout as delay } from 'node:timers/promises';
import { isPortcullisError } from '#contract/errors.ts';
import { makeEvent } from '#contract/event.ts';
import { createMatcher, type MatchEvent } from '#domain/detection/matcher.ts';
import type { RuleSet } from '#domain/detection/rule-set.ts';
import { isTrusted } from '#domain/detection/trust.ts';
import { checkPlaybooks, type Playbooks } from '#domain/playbook/playbook-file.ts';
import { derivedId } from '#lib/ids.ts';
import type { Logger } from '#lib/log.ts';
import type { Clock } from '#lib/time.ts';
import { commitPosition, readPosition } from '#state/consumer-positions.ts';
import { StateError, type StateFailure } from '#state/errors.ts';
import { forgetLogins, rememberLogins, type LoginFrom } from '#state/login-addresses.ts';
import type { State } from '#state/state.ts';
import type { PlacedEvent, Stream, StreamEntry } from '#stream/stream.ts';
import { correlate, type CorrelationContext } from './correlation-stage.ts';
import type { PlacedMatch } from './correlation-facts.ts';
import { endQuietEpisodes } from './end-quiet-episodes.ts';
import { eventReader } from './event-reader.ts';
import { purgeEntries } from './purge-entries.ts';
import { RecentLogins } from './recent-logins.ts';

/** Its name among the consumers of the stream. */
export const DETECTOR = 'detector';

/** Entries read at a time: where few of them match, one transaction is enough for all. */
const BATCH = 4_000;
/** Matches, ticks and logins in one transaction; more would be too many values for one statement. */
const WORK_PER_COMMIT = 500;
/** Entries without a match after which the position is stored all the same. */
const LAZY_ENTRIES = 10_000;
const FIRST_RETRY_MS = 50;
const LAST_RETRY_MS = 5_000;
/** A single entry that failed this often is passed over, with an event that says so. */
const TRIES_PER_ENTRY = 5;
const CONSTRAINTS: ReadonlySet<StateFailure> = new Set([
  'unique',
  'foreign-key',
  'check',
  'not-null',
  'text',
]);
const PURGE_EVERY_MS = 300_000;

export interface DetectorOptions {
  readonly state: State;
  readonly stream: Stream;
  readonly rules: RuleSet;
  readonly playbooks: Playbooks;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  /** An episode without events and without containment ends after this. */
  readonly quietMs: number;
  /** After each commit that planned actions. */
  readonly onPlanned?: () => void;
  /** A trusted source told of a change that a person made in another realm; what was contained there may be free. */
  readonly onForeignChange?: (realm: string) => void;
}

export interface DetectorStatus {
  /** Everything up to here has been judged. */
  readonly position: number;
  /** Why it stands still, when it does. */
  readonly problem: string | null;
}

export interface Detector {
  /** Resolves when the signal was aborted and the last batch is stored. */
  readonly done: Promise<void>;
  status(): DetectorStatus;
}

/** Reads the stream from where it stopped and judges every event by every rule. */
export function startDetector(options: DetectorOptions): Detector {
  checkPlaybooks(options.rules, options.playbooks);
  const detector = new DetectorLoop(options);
  return { done: detector.run(), status: () => detector.status() };
}

class DetectorLoop {
  readonly #options: DetectorOptions;
  readonly #match: MatchEvent;
  readonly #context: CorrelationContext;
  readonly #logins = new RecentLogins();
  #position = 0;
  #stored = 0;
  #batch = BATCH;
  #failures = 0;
  #problem: string | null = null;
  #purgedAtMs = 0;

  constructor(options: DetectorOptions) {
    this.#options = options;
    this.#match = createMatcher(options.rules);
    this.#context = {
      playbooks: options.playbooks,
      clock: options.clock,
      readEvent: eventReader(options.stream),
    };
  }

  status(): DetectorStatus {
    return { position: this.#position, problem: this.#problem };
  }

  async run(): Promise<void> {
    const { signal, logger } = this.#options;
    let started = false;
    while (!signal.aborted) {
      try {
        if (!started) {
          this.#position = await readPosition(this.#options.state.reader, DETECTOR);
          this.#stored = this.#position;
          started = true;
        }
        const entries = await this.#options.stream.read(this.#position, this.#batch, signal);
        if (entries.length > 0) await this.#judge(entries);
        this.#failures = 0;
        this.#problem = null;
        // Slowly: what was a mistake may lie far behind, and each failure costs a pause.
        this.#batch = Math.min(BATCH, this.#batch * 2);
      } catch (error) {
        if (signal.aborted) break;
        if (this.#failures === 0) logger.error({ err: error }, 'detection stands still; trying again');
        await this.#recover(error);
      }
    }
    await this.#storePosition().catch((error: unknown) =>
      logger.warn({ err: error }, 'the position of the detector was not stored; it will read a little again'),
    );
  }

  async #judge(entries: readonly StreamEntry[]): Promise<void> {
    let work: (PlacedMatch | PlacedEvent)[] = [];
    let logins: LoginFrom[] = [];
    let settled = 0;
    for (const [index, { position, event }] of entries.entries()) {
      const login = this.#logins.pick(event);
      if (login !== undefined) logins.push(login);
      if (event.type === 'tick') work.push({ position, event });
      else for (const record of this.#match(event)) work.push({ position, record });
      if (work.length + logins.length < WORK_PER_COMMIT) continue;
      await this.#settle(entries.slice(settled, index + 1), work, logins);
      [work, logins, settled] = [[], [], index + 1];
    }
    await this.#settle(entries.slice(settled), work, logins);
    if (this.#position - this.#stored >= LAZY_ENTRIES) await this.#storePosition();
  }

  /** Stores what came of these entries, which follow those that were settled before. */
  async #settle(
    entries: readonly StreamEntry[],
    work: readonly (PlacedMatch | PlacedEvent)[],
    logins: readonly LoginFrom[],
  ): Promise<void> {
    const last = entries.at(-1)?.position ?? this.#position;
    if (work.length + logins.length > 0) {
      const planned = await this.#commit(work, logins, last);
      this.#logins.written(logins);
      if (planned > 0) this.#options.onPlanned?.();
    }
    this.#position = last;
    for (const realm of changedRealms(entries)) this.#options.onForeignChange?.(realm);
  }

  /** Everything that came of the entries, and the position, in one transaction. */
  async #commit(
    work: readonly (PlacedMatch | PlacedEvent)[],
    logins: readonly LoginFrom[],
    last: number,
  ): Promise<number> {
    const { state, clock, quietMs, rules } = this.#options;
    const purgedAtMs = this.#purgedAtMs;
    try {
      const planned = await state.transact(async (tx, emit) => {
        let count = 0;
        let matches: PlacedMatch[] = [];
        for (const item of work) {
          if ('record' in item) {
            matches.push(item);
            continue;
          }
          count += await correlate(tx, emit, matches, this.#context);
          matches = [];
          const tick = { position: item.position, timeMs: item.event.time };
          await endQuietEpisodes(tx, emit, tick, quietMs);
          if (Math.abs(tick.timeMs - this.#purgedAtMs) >= PURGE_EVERY_MS) {
            this.#purgedAtMs = tick.timeMs;
            await purgeEntries(tx, emit, tick, rules.rules);
            await forgetLogins(tx, tick.timeMs);
          }
        }
        const [planned] = await Promise.all([
          correlate(tx, emit, matches, this.#context),
          rememberLogins(tx, logins),
          commitPosition(tx, DETECTOR, last, clock()),
        ]);
        return count + planned;
      });
      this.#stored = last;
      return planned;
    } catch (error) {
      this.#purgedAtMs = purgedAtMs;
      throw error;
    }
  }

  async #storePosition(): Promise<void> {
    if (this.#position === this.#stored) return;
    const position = this.#position;
    await this.#options.state.transact((tx) => commitPosition(tx, DETECTOR, position, this.#options.clock()));
    this.#stored = position;
  }

  /** Waits and narrows the batch, so that in the end one entry stands alone and can be passed over. */
  async #recover(cause: unknown): Promise<void> {
    const { signal } = this.#options;
    this.#problem = cause instanceof Error ? cause.message : String(cause);
    this.#failures += 1;
    const alone = this.#batch === 1;
    this.#batch = 1;
    if (alone && this.#failures > TRIES_PER_ENTRY && isDefect(cause)) {
      await this.#passOver(this.#problem);
      return;
    }
    await delay(Math.min(FIRST_RETRY_MS * 2 ** this.#failures, LAST_RETRY_MS), undefined, { signal }).catch(
      () => {},
    );
  }

  async #passOver(problem: string): Promise<void> {
    const { stream, state, signal, logger, clock } = this.#options;
    const [entry] = await stream.read(this.#position, 1, signal);
    if (entry === undefined) return;
    logger.error({ eventId: entry.event.id, position: entry.position }, 'an event could not be judged');
    await state.transact(async (tx, emit) => {
      emit(
        makeEvent('rule.degraded', derivedId('rule.degraded', entry.event.id), clock(), {
          message: `An event could not be judged and was passed over: ${problem}`,
          data: { event: entry.event.id, position: entry.position, reason: 'defect' },
        }),
      );
      await commitPosition(tx, DETECTOR, entry.position, clock());
    });
    this.#position = entry.position;
    this.#stored = entry.position;
    this.#failures = 0;
  }
}

/** Realms of others in which somebody changed something, if their bastion is believed. */
function changedRealms(entries: readonly StreamEntry[]): ReadonlySet<string> {
  const realms = new Set<string>();
  for (const { event } of entries)
    if (event.type === 'object.updated' && event.source !== 'gateway' && isTrusted(event))
      realms.add(event.realm);
  return realms;
}

/** Engines that are away or full come back; only a defect of ours may pass an event over. */
function isDefect(cause: unknown): boolean {
  if (!isPortcullisError(cause)) return true;
  return cause instanceof StateError && CONSTRAINTS.has(cause.failure);
}
