import { sqlMigration } from '../migration.ts';

/**
 * Sessions and recordings. They are history and outlive the user, the asset and each other, so they hold
 * names and ids without references.
 */
export const sessions = sqlMigration('2026-11-22T080300-sessions', [
  `create table sessions (
    id TEXT primary key,
    "userId" TEXT not null,
    username TEXT not null,
    asset TEXT not null,
    account TEXT not null,
    protocol TEXT not null,
    address TEXT not null,
    port INT not null,
    "clientSoftware" TEXT not null,
    node TEXT not null,
    "grantName" TEXT not null,
    "startedAt" INT not null,
    "endedAt" INT,
    "endReason" TEXT,
    check (port between 0 and 65535),
    check (("endedAt" is null) = ("endReason" is null))
  ) STRICT`,
  'create index sessions_live on sessions (node, "userId") where "endedAt" is null',
  'create index sessions_user on sessions ("userId", "startedAt")',
  'create index sessions_time on sessions ("startedAt")',

  `create table recordings (
    id TEXT primary key,
    "sessionId" TEXT not null,
    "channelId" TEXT not null,
    kind TEXT not null,
    "sealedKey" TEXT,
    file TEXT not null,
    "startedAt" INT not null,
    "endedAt" INT,
    state TEXT not null,
    bytes INT not null,
    "headHash" TEXT,
    check (kind in ('shell', 'exec')),
    check (state in ('open', 'finished', 'abnormal')),
    check (bytes >= 0)
  ) STRICT`,
  'create index recordings_session on recordings ("sessionId")',
  `create index recordings_open on recordings (id) where state = 'open'`,
]);
