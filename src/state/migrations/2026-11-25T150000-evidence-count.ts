import { sqlMigration } from '../migration.ts';

/** How much evidence an episode holds, so that its bound is kept without counting it again for each batch. */
export const evidenceCount = sqlMigration('2026-11-25T150000-evidence-count', [
  'alter table episodes add column "evidenceCount" INT not null default 0',
  `update episodes set "evidenceCount" = (
    select count(*) from evidence
    where evidence."offenseId" = episodes."offenseId" and evidence.episode = episodes.episode
  )`,
]);
