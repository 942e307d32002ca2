import type { EventType } from '#contract/event-catalogue.ts';
import { makeEvent, type EventFields, type EventRecord } from '#contract/event.ts';
import type { NewId } from '#lib/ids.ts';
import type { Logger } from '#lib/log.ts';
import type { Clock } from '#lib/time.ts';
import type { Stream } from '#stream/stream.ts';

export interface GatewayEventsOptions {
  readonly stream: Stream;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly logger: Logger;
}

/** The one door for what the gateway tells about sessions. */
export class GatewayEvents {
  readonly #options: GatewayEventsOptions;
  readonly #underWay = new Set<Promise<void>>();

  constructor(options: GatewayEventsOptions) {
    this.#options = options;
  }

  make(type: EventType, fields: EventFields): EventRecord {
    const now = this.#options.clock();
    return makeEvent(type, this.#options.newId(now), now, fields);
  }

  /** For events that open access: resolves when they are durable, rejects when they are not. */
  async require(events: readonly EventRecord[]): Promise<void> {
    await this.#options.stream.publish(events);
  }

  /** For events that report what happened anyway: nobody waits, a failure is logged with the event. */
  report(type: EventType, fields: EventFields): void {
    const event = this.make(type, fields);
    const publishing = this.#options.stream.publish([event]).catch((error: unknown) => {
      this.#options.logger.error({ err: error, event }, 'an audit event could not be published');
    });
    this.#underWay.add(publishing);
    void publishing.finally(() => this.#underWay.delete(publishing));
  }

  /** Resolves when everything reported so far is durable or logged. */
  async flush(): Promise<void> {
    await Promise.all(this.#underWay);
  }
}
