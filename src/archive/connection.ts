import { ClickHouseLogLevel, createClient, type ClickHouseClient } from '@clickhouse/client';
import type { Secret } from '#lib/secret.ts';

/** How to reach an archive: the embedded engine and a ClickHouse server differ in nothing else. */
export interface ArchiveConnection {
  readonly url: string;
  readonly username: string;
  readonly password: Secret;
}

/** Longer than any statement's own limit, which the engine enforces; only a dead network gets here. */
const REQUEST_TIMEOUT_MS = 60_000;

export function connectArchive(connection: ArchiveConnection): ClickHouseClient {
  return createClient({
    url: connection.url,
    username: connection.username,
    password: connection.password.expose(),
    application: 'portcullis',
    request_timeout: REQUEST_TIMEOUT_MS,
    max_open_connections: 8,
    // Failures come back as errors and are logged where something is known about them.
    log: { level: ClickHouseLogLevel.OFF },
  });
}
