import { sqlMigration } from '../migration.ts';

/** Where foreign events come from, and whose word counts. */
export const logSources = sqlMigration('2026-11-26T070000-log-sources', [
  `create table log_sources (
    id TEXT primary key,
    name TEXT not null,
    "nameKey" TEXT not null unique,
    address TEXT not null,
    host TEXT not null,
    app TEXT not null,
    realm TEXT not null,
    "confirmedAt" INT,
    "confirmedBy" TEXT,
    "createdAt" INT not null,
    "lastAt" INT,
    messages INT not null,
    failures INT not null,
    "ratePerMinute" INT not null,
    types TEXT not null
  ) STRICT`,
  `create unique index log_sources_lines on log_sources (address, host, app)`,
]);
