import { sqlMigration } from '../migration.ts';

/** Whether a recovery demands a second factor of the person again, and which second person let it go on. */
export const recoveryApproval = sqlMigration('2026-11-25T234500-recovery-approval', [
  'alter table recoveries add column "hadSecondFactor" INT not null default 0',
  'alter table recoveries add column "needsApproval" INT not null default 0',
  'alter table recoveries add column "approvedBy" TEXT',
]);
