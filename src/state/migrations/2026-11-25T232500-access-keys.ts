import { sqlMigration } from '../migration.ts';

/** Access keys: tokens whose secret signs requests instead of travelling with them, so that it must be kept, sealed. */
export const accessKeys = sqlMigration('2026-11-25T232500-access-keys', [
  'alter table tokens add column sealed TEXT',
]);
