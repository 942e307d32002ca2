import { sqlMigration } from '../migration.ts';

/** Whether somebody has been on an asset before is asked at the start of every session. */
export const visits = sqlMigration('2026-11-25T200000-visits', [
  'create index sessions_visits on sessions ("userId", asset)',
]);
