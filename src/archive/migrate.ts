import type { ClickHouseClient } from '@clickhouse/client';
import {
  CREATE_DATABASE,
  CREATE_MIGRATIONS,
  EVENTS,
  expiry,
  expirySecond,
  migrations,
  READ_EXPIRY,
  READ_MIGRATIONS,
  RECORD_MIGRATION,
} from './schema.ts';

/**
 * Brings the archive to the schema of this version and events to their retention. May run in several places at
 * once: every step says `IF NOT EXISTS`, or changes nothing when it has been done.
 */
export async function migrateArchive(client: ClickHouseClient, retentionMs: number): Promise<void> {
  await client.command({ query: CREATE_DATABASE });
  await client.command({ query: CREATE_MIGRATIONS });
  const done = await rows<{ version: number }>(client, READ_MIGRATIONS);
  const applied = new Set(done.map(({ version }) => version));
  for (const { version, name, sql } of migrations(retentionMs)) {
    if (applied.has(version)) continue;
    await client.command({ query: sql });
    await client.command({ query: RECORD_MIGRATION, query_params: { version, name } });
  }
  await applyRetention(client, retentionMs);
}

async function applyRetention(client: ClickHouseClient, retentionMs: number): Promise<void> {
  const [database, table] = EVENTS.split('.');
  const [found] = await rows<{ statement: string }>(client, READ_EXPIRY, { database, table });
  if (found?.statement.includes(expirySecond(retentionMs)) === true) return;
  await client.command({ query: `ALTER TABLE ${EVENTS} MODIFY TTL ${expiry(retentionMs)}` });
}

async function rows<T>(
  client: ClickHouseClient,
  query: string,
  query_params: Record<string, unknown> = {},
): Promise<readonly T[]> {
  const result = await client.query({ query, query_params, format: 'JSONEachRow' });
  return result.json<T>();
}
