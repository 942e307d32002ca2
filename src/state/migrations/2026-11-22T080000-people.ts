import { sqlMigration } from '../migration.ts';

/** Users, their keys, tokens and web sessions, and groups. */
export const people = sqlMigration('2026-11-22T080000-people', [
  `create table users (
    id TEXT primary key,
    username TEXT not null,
    "usernameKey" TEXT not null unique,
    name TEXT not null,
    email TEXT,
    kind TEXT not null,
    roles TEXT not null,
    language TEXT not null,
    "passwordHash" TEXT,
    "passwordChangedAt" INT,
    "createdAt" INT not null,
    "updatedAt" INT not null,
    check (kind in ('person', 'service')),
    check ("usernameKey" = lower(username))
  ) STRICT`,

  `create table user_keys (
    id TEXT primary key,
    "userId" TEXT not null references users (id) on delete cascade,
    algorithm TEXT not null,
    fingerprint TEXT not null,
    blob TEXT not null,
    comment TEXT not null,
    suspended INT not null,
    "createdAt" INT not null,
    unique ("userId", fingerprint),
    check (suspended in (0, 1))
  ) STRICT`,
  'create index user_keys_fingerprint on user_keys (fingerprint)',

  `create table groups (
    id TEXT primary key,
    name TEXT not null,
    "nameKey" TEXT not null unique,
    "createdAt" INT not null,
    check ("nameKey" = lower(name))
  ) STRICT`,

  `create table group_users (
    "groupId" TEXT not null references groups (id) on delete cascade,
    "userId" TEXT not null references users (id) on delete cascade,
    primary key ("groupId", "userId")
  ) STRICT`,
  'create index group_users_user on group_users ("userId")',

  `create table tokens (
    id TEXT primary key,
    "userId" TEXT not null references users (id) on delete cascade,
    name TEXT not null,
    hash TEXT not null unique,
    "createdAt" INT not null,
    "expiresAt" INT,
    "lastUsedAt" INT,
    "revokedAt" INT
  ) STRICT`,
  'create index tokens_user on tokens ("userId")',

  `create table web_sessions (
    id TEXT primary key,
    "userId" TEXT not null references users (id) on delete cascade,
    hash TEXT not null unique,
    address TEXT not null,
    "createdAt" INT not null,
    "expiresAt" INT not null,
    "endedAt" INT
  ) STRICT`,
  'create index web_sessions_user on web_sessions ("userId")',
  'create index web_sessions_expiry on web_sessions ("expiresAt")',
]);
