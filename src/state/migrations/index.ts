import type { Migration } from '../migration.ts';
import { people } from './2026-11-22T080000-people.ts';
import { assets } from './2026-11-22T080100-assets.ts';
import { rules } from './2026-11-22T080200-rules.ts';
import { sessions } from './2026-11-22T080300-sessions.ts';
import { offenses } from './2026-11-22T080400-offenses.ts';
import { response } from './2026-11-22T080500-response.ts';
import { plumbing } from './2026-11-22T080600-plumbing.ts';
import { commandRuleRoles } from './2026-11-25T141500-command-rule-roles.ts';
import { evidenceCount } from './2026-11-25T150000-evidence-count.ts';
import { visits } from './2026-11-25T200000-visits.ts';
import { accessKeys } from './2026-11-25T232500-access-keys.ts';
import { recoveryApproval } from './2026-11-25T234500-recovery-approval.ts';
import { secondFactors } from './2026-11-25T225000-second-factors.ts';
import { loginAddresses } from './2026-11-25T235500-login-addresses.ts';
import { foreignContainments } from './2026-11-25T235800-foreign-containments.ts';
import { logSources } from './2026-11-26T070000-log-sources.ts';

/** Every step of the schema, oldest first. */
export const MIGRATIONS: readonly Migration[] = [
  people,
  assets,
  rules,
  sessions,
  offenses,
  response,
  plumbing,
  commandRuleRoles,
  evidenceCount,
  visits,
  secondFactors,
  accessKeys,
  recoveryApproval,
  loginAddresses,
  foreignContainments,
  logSources,
];
