import { sqlMigration } from '../migration.ts';

/** Locks, planned actions, recoveries. Locks name their offense without a reference: they outlive it. */
export const response = sqlMigration('2026-11-22T080500-response', [
  `create table locks (
    id TEXT primary key,
    "targetKind" TEXT not null,
    target TEXT not null,
    "targetKey" TEXT not null,
    mode TEXT not null,
    reason TEXT not null,
    owner TEXT not null,
    "offenseId" TEXT,
    episode INT,
    "createdAt" INT not null,
    "expiresAt" INT,
    "endedAt" INT,
    "endedBy" TEXT,
    "endReason" TEXT,
    check (mode in ('deny', 'freeze', 'cut'))
  ) STRICT`,
  'create index locks_active on locks ("targetKind", "targetKey") where "endedAt" is null',
  'create index locks_offense on locks ("offenseId", episode)',

  `create table actions (
    id TEXT primary key,
    "offenseId" TEXT references offenses (id) on delete cascade deferrable initially deferred,
    episode INT,
    playbook TEXT not null,
    step INT not null,
    action TEXT not null,
    target TEXT not null,
    params TEXT not null,
    mode TEXT not null,
    state TEXT not null,
    attempts INT not null,
    "notBefore" INT not null,
    "leaseOwner" TEXT,
    "leaseUntil" INT,
    before TEXT,
    result TEXT,
    "plannedAt" INT not null,
    "updatedAt" INT not null,
    unique ("offenseId", episode, playbook, step, target),
    check (mode in ('shadow', 'approve', 'auto')),
    check (attempts >= 0)
  ) STRICT`,
  'create index actions_due on actions (state, "notBefore")',

  `create table recoveries (
    id TEXT primary key,
    "userId" TEXT not null references users (id) on delete cascade,
    "offenseId" TEXT,
    state TEXT not null,
    steps TEXT not null,
    "requestedBy" TEXT not null,
    "mailAddress" TEXT not null,
    "createdAt" INT not null,
    "updatedAt" INT not null,
    "completedAt" INT
  ) STRICT`,
  'create index recoveries_user on recoveries ("userId", "createdAt")',

  `create table recovery_links (
    id TEXT primary key,
    "recoveryId" TEXT not null references recoveries (id) on delete cascade,
    hash TEXT not null unique,
    "expiresAt" INT not null,
    "usedAt" INT,
    "revokedAt" INT
  ) STRICT`,
  'create index recovery_links_recovery on recovery_links ("recoveryId")',
]);
