import { Client, type ClientConfig } from 'pg';
import type { Logger } from '#lib/log.ts';

/** Sent inside every transaction that adds to the event outbox; delivered when it commits. */
export const OUTBOX_CHANNEL = 'portcullis_outbox';
const RETRY_MS = 2_000;

/**
 * Hears of commits that added to the outbox, whichever process made them. Holds a connection of its own while
 * somebody listens; when it is lost, connects again and calls the listeners once for what it may have missed.
 */
export class OutboxNotices implements AsyncDisposable {
  readonly #config: ClientConfig;
  readonly #logger: Logger;
  readonly #listeners = new Set<() => void>();
  #client: Client | undefined;
  #retry: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(config: ClientConfig, logger: Logger) {
    this.#config = config;
    this.#logger = logger;
  }

  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    void this.#connect();
    return () => this.#listeners.delete(listener);
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }

  #lost(client: Client, error: Error): void {
    if (this.#client !== client) return;
    this.#client = undefined;
    client.end().catch(() => {});
    if (this.#closed) return;
    this.#logger.warn({ err: error }, 'no notices from PostgreSQL; connecting again');
    this.#retry = setTimeout(() => void this.#connect(), RETRY_MS);
  }

  async #connect(): Promise<void> {
    if (this.#client !== undefined || this.#closed) return;
    const client = new Client(this.#config);
    this.#client = client;
    client.on('error', (error) => this.#lost(client, error));
    client.on('end', () => this.#lost(client, new Error('the server closed the connection')));
    client.on('notification', () => this.#tell());
    try {
      await client.connect();
      await client.query(`listen ${OUTBOX_CHANNEL}`);
      this.#tell();
    } catch (error) {
      this.#lost(client, error instanceof Error ? error : new Error(String(error)));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    this.#listeners.clear();
    clearTimeout(this.#retry);
    const client = this.#client;
    this.#client = undefined;
    await client?.end().catch(() => {});
  }
}
