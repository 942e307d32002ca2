import { makeEvent, type EventRecord } from '#contract/event.ts';
import { typedNameForLog } from '#identity/login-events.ts';
import { FloodSummary, type Summary } from '#lib/flood-summary.ts';
import { newId } from '#lib/ids.ts';
import { addressBlock } from '#lib/ip-text.ts';
import type { JsonObject } from '#lib/json.ts';
import { printable } from '#lib/printable.ts';
import type { Clock } from '#lib/time.ts';
import type { Stage } from './admission.ts';
import type { Origin } from './opening.ts';

/** A connection that ended before anybody showed a credential on it. */
export interface EarlyEnd {
  readonly origin: Origin;
  readonly stage: Stage | 'proxy_header' | 'identification';
  readonly reason: 'closed' | 'malformed' | 'too_slow' | 'protocol_error' | 'shutdown';
  /** What exactly was wrong; may hold hostile text. */
  readonly detail: string;
  readonly typedName: string | undefined;
  readonly clientSoftware: string | undefined;
}

/** A connection that had to go because there were too many. */
export interface Eviction {
  readonly origin: Origin;
  readonly stage: Stage;
}

const WINDOW_MS = 1_000;
const DETAIL_LENGTH = 200;

/** Turns early ends into events: one each while they are few, sums per address and second in a flood. */
export class UnauthenticatedLog implements Disposable {
  readonly #ends: FloodSummary<EarlyEnd>;
  readonly #evictions: FloodSummary<Eviction>;

  constructor(tell: (event: EventRecord) => void, clock: Clock) {
    const common = { windowMs: WINDOW_MS, sourceOf: sourceOf };
    this.#ends = new FloodSummary<EarlyEnd>({
      ...common,
      perSource: 5,
      perWindow: 50,
      maxSources: 50,
      reasonOf: (end) => end.reason,
      tellOne: (end) => tell(earlyEndEvent(end, clock())),
      tellMany: (sum, source) => tell(summaryEvent('connection.unauthenticated', sum, source, clock())),
    });
    this.#evictions = new FloodSummary<Eviction>({
      ...common,
      // Never one by one: they only come in floods.
      perSource: 0,
      perWindow: 0,
      maxSources: 20,
      reasonOf: (eviction) => eviction.stage,
      tellOne: () => undefined,
      tellMany: (sum, source) => tell(summaryEvent('connection.dropped', sum, source, clock())),
    });
  }

  ended(end: EarlyEnd): void {
    this.#ends.add(end);
  }

  evicted(eviction: Eviction): void {
    this.#evictions.add(eviction);
  }

  /** Tells what is not told yet. */
  [Symbol.dispose](): void {
    this.#ends.flush();
    this.#evictions.flush();
  }
}

function sourceOf({ origin }: { readonly origin: Origin }): string {
  return addressBlock(origin.address);
}

function earlyEndEvent(end: EarlyEnd, nowMs: number): EventRecord {
  const { origin, stage, reason, detail, typedName, clientSoftware } = end;
  const data: JsonObject = {
    stage,
    reason,
    count: 1,
    ...(detail === '' ? {} : { detail: printable(detail, DETAIL_LENGTH) }),
    ...(typedName === undefined ? {} : { typedName: typedNameForLog(typedName) }),
    ...(clientSoftware === undefined ? {} : { clientSoftware }),
  };
  return makeEvent('connection.unauthenticated', newId(), nowMs, {
    channel: 'ssh',
    address: origin.address,
    port: origin.port,
    message: `A connection ended during ${stage.replaceAll('_', ' ')}: ${reason.replaceAll('_', ' ')}`,
    data,
  });
}

function summaryEvent(
  type: 'connection.unauthenticated' | 'connection.dropped',
  { example, count, reasons }: Summary<{ readonly origin: Origin }>,
  source: string | null,
  nowMs: number,
): EventRecord {
  const verb = type === 'connection.dropped' ? 'were dropped' : 'ended before authentication';
  return makeEvent(type, newId(), nowMs, {
    channel: 'ssh',
    ...(source === null ? {} : { address: example.origin.address }),
    message: `${count} connections from ${source ?? 'many addresses'} ${verb} within a second`,
    data: { count, reasons, ...(source === null ? {} : { source }) },
  });
}
