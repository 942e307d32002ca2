import { sqlMigration } from '../migration.ts';

/** Authenticators that people enrolled, codes for when they are lost, and of whom one is demanded. */
export const secondFactors = sqlMigration('2026-11-25T225000-second-factors', [
  `create table second_factors (
    "userId" TEXT primary key references users (id) on delete cascade,
    sealed TEXT not null,
    "lastStep" INT not null,
    "enrolledAt" INT not null
  ) STRICT`,

  `create table recovery_codes (
    "userId" TEXT not null references users (id) on delete cascade,
    hash TEXT not null,
    "createdAt" INT not null,
    "usedAt" INT,
    primary key ("userId", hash)
  ) STRICT`,

  'alter table users add column "secondFactor" INT not null default 0',
  'alter table groups add column "secondFactor" INT not null default 0',
  'alter table grants add column "secondFactor" INT not null default 0',
]);
