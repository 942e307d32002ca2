import { sqlMigration } from '../migration.ts';

/** What the program needs for itself: positions in the stream, events on their way to it, settings. */
export const plumbing = sqlMigration('2026-11-22T080600-plumbing', [
  `create table consumers (
    name TEXT primary key,
    position INT not null,
    "updatedAt" INT not null,
    check (position >= 0)
  ) STRICT`,

  `create table event_outbox (
    seq COUNTER,
    "eventId" TEXT not null unique,
    event TEXT not null
  ) STRICT`,

  `create table settings (
    key TEXT primary key,
    value TEXT not null
  ) STRICT`,
]);
