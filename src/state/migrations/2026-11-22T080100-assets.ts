import { sqlMigration } from '../migration.ts';

/** Machines behind the gateway, their pinned host keys and the accounts on them. */
export const assets = sqlMigration('2026-11-22T080100-assets', [
  `create table assets (
    id TEXT primary key,
    name TEXT not null,
    "nameKey" TEXT not null unique,
    address TEXT not null,
    port INT not null,
    "trustOnFirstUse" INT not null,
    "createdAt" INT not null,
    "updatedAt" INT not null,
    check ("nameKey" = lower(name)),
    check (port between 1 and 65535),
    check ("trustOnFirstUse" in (0, 1))
  ) STRICT`,

  `create table asset_host_keys (
    "assetId" TEXT not null references assets (id) on delete cascade,
    algorithm TEXT not null,
    blob TEXT not null,
    origin TEXT not null,
    "pinnedAt" INT not null,
    primary key ("assetId", blob),
    check (origin in ('configured', 'first-use'))
  ) STRICT`,

  `create table accounts (
    id TEXT primary key,
    "assetId" TEXT not null references assets (id) on delete cascade,
    username TEXT not null,
    "secretKind" TEXT not null,
    sealed TEXT,
    "updatedAt" INT not null,
    unique ("assetId", username),
    check ("secretKind" in ('none', 'password', 'privateKey')),
    check (("secretKind" = 'none') = (sealed is null))
  ) STRICT`,
]);
