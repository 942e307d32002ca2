import { sqlMigration } from '../migration.ts';

/** Who may do what: grants, login rules and command rules. Selectors and patterns are JSON lists. */
export const rules = sqlMigration('2026-11-22T080200-rules', [
  `create table grants (
    id TEXT primary key,
    name TEXT not null,
    "nameKey" TEXT not null unique,
    users TEXT not null,
    groups TEXT not null,
    assets TEXT not null,
    accounts TEXT not null,
    actions TEXT not null,
    mode TEXT not null,
    "createdAt" INT not null,
    "updatedAt" INT not null,
    check ("nameKey" = lower(name)),
    check (mode in ('observe', 'guard', 'strict'))
  ) STRICT`,

  `create table login_rules (
    id TEXT primary key,
    name TEXT not null,
    "nameKey" TEXT not null unique,
    priority INT not null,
    users TEXT not null,
    groups TEXT not null,
    addresses TEXT not null,
    action TEXT not null,
    "updatedAt" INT not null,
    check ("nameKey" = lower(name)),
    check (action in ('block', 'allow'))
  ) STRICT`,

  `create table command_rules (
    id TEXT primary key,
    name TEXT not null,
    "nameKey" TEXT not null unique,
    priority INT not null,
    users TEXT not null,
    groups TEXT not null,
    assets TEXT not null,
    accounts TEXT not null,
    kind TEXT not null,
    patterns TEXT not null,
    verdict TEXT not null,
    message TEXT,
    "updatedAt" INT not null,
    check ("nameKey" = lower(name)),
    check (kind in ('program', 'regex', 'text')),
    check (verdict in ('allow', 'deny', 'warn'))
  ) STRICT`,
]);
