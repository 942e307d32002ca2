import { sqlMigration } from '../migration.ts';

/** Offenses with their episodes, evidence and time line, and the memory of the correlation stage. */
export const offenses = sqlMigration('2026-11-22T080400-offenses', [
  `create table offenses (
    id TEXT primary key,
    number INT not null unique,
    "ruleFamily" TEXT not null,
    "ruleId" TEXT not null,
    entity TEXT not null,
    title TEXT not null,
    severity TEXT not null,
    status TEXT not null,
    verdict TEXT,
    assignee TEXT,
    episode INT not null,
    "openedAt" INT not null,
    "updatedAt" INT not null,
    "closedAt" INT,
    check (severity in ('info', 'low', 'medium', 'high', 'critical')),
    check (status in ('open', 'closed')),
    check (episode >= 1)
  ) STRICT`,
  'create index offenses_key on offenses ("ruleFamily", entity)',
  `create unique index offenses_one_open on offenses ("ruleFamily", entity) where status = 'open'`,
  'create index offenses_entity on offenses (entity, status)',
  'create index offenses_updated on offenses ("updatedAt")',

  `create table episodes (
    "offenseId" TEXT not null references offenses (id) on delete cascade,
    episode INT not null,
    "openedAt" INT not null,
    "openedPosition" INT not null,
    "lastEventAt" INT not null,
    "endedAt" INT,
    "endPosition" INT,
    "endReason" TEXT,
    primary key ("offenseId", episode),
    check (episode >= 1)
  ) STRICT`,
  'create index episodes_open on episodes ("lastEventAt") where "endedAt" is null',

  `create table evidence (
    "offenseId" TEXT not null references offenses (id) on delete cascade,
    episode INT not null,
    "eventId" TEXT not null,
    position INT not null,
    time INT not null,
    "ruleId" TEXT not null,
    event TEXT not null,
    primary key ("offenseId", episode, "ruleId", "eventId")
  ) STRICT`,
  'create index evidence_time on evidence ("offenseId", time)',

  `create table timeline (
    id TEXT primary key,
    "offenseId" TEXT not null references offenses (id) on delete cascade,
    episode INT not null,
    time INT not null,
    kind TEXT not null,
    actor TEXT not null,
    "text" TEXT not null,
    data TEXT not null
  ) STRICT`,
  'create index timeline_time on timeline ("offenseId", time)',

  `create table correlation_entries (
    "ruleId" TEXT not null,
    key TEXT not null,
    "eventId" TEXT not null,
    position INT not null,
    time INT not null,
    label TEXT not null,
    value TEXT,
    primary key ("ruleId", key, label, "eventId")
  ) STRICT`,
  'create index correlation_entries_window on correlation_entries ("ruleId", key, time)',
  'create index correlation_entries_age on correlation_entries (time)',

  `create table correlation_cuts (
    "ruleId" TEXT not null,
    key TEXT not null,
    position INT not null,
    episode INT not null,
    primary key ("ruleId", key)
  ) STRICT`,
]);
