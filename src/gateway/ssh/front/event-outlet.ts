import type { EventRecord } from '#contract/event.ts';
import type { Logger } from '#lib/log.ts';

export type Publish = (events: readonly EventRecord[]) => Promise<void>;

/** Publishes events that open nothing: a failure is logged and stops nobody, and the end waits for what is under way. */
export class EventOutlet implements AsyncDisposable {
  readonly #publish: Publish;
  readonly #logger: Logger;
  readonly #underWay = new Set<Promise<void>>();

  constructor(publish: Publish, logger: Logger) {
    this.#publish = publish;
    this.#logger = logger;
  }

  /** Resolves when the event is durable, or has failed to become it. */
  tell(event: EventRecord): Promise<void> {
    const work = this.#tell(event).finally(() => this.#underWay.delete(work));
    this.#underWay.add(work);
    return work;
  }

  async #tell(event: EventRecord): Promise<void> {
    try {
      await this.#publish([event]);
    } catch (error) {
      this.#logger.error({ err: error, type: event.type, id: event.id }, 'an event could not be published');
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#underWay);
  }
}
