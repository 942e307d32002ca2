import { sqlMigration } from '../migration.ts';

/** What was done to users of foreign bastions, so that undoing it restores rather than enables. */
export const foreignContainments = sqlMigration('2026-11-25T235800-foreign-containments', [
  `create table foreign_containments (
    "lockId" TEXT primary key,
    connector TEXT not null,
    "userId" TEXT not null,
    organisation TEXT not null,
    username TEXT not null,
    "wasActive" INT not null,
    state TEXT not null,
    outcome TEXT,
    "createdAt" INT not null,
    "updatedAt" INT not null,
    check (state in ('applying', 'applied', 'over'))
  ) STRICT`,
  `create index foreign_containments_open on foreign_containments (connector, "userId") where state <> 'over'`,
]);
