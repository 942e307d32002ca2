import { sqlMigration } from '../migration.ts';

/** Command rules select people by their roles as well. */
export const commandRuleRoles = sqlMigration('2026-11-25T141500-command-rule-roles', [
  `alter table command_rules add column roles TEXT not null default '[]'`,
]);
