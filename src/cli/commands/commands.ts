import type { Command } from '../command.ts';
import { actionTest } from './action-test.ts';
import { applyCommand } from './apply.ts';
import { commandRuleImport } from './command-rule-import.ts';
import { commandRuleLint } from './command-rule-lint.ts';
import { commandRuleTry } from './command-rule-try.ts';
import { connectorCommands } from './connectors.ts';
import { eventCommands } from './events.ts';
import { inventoryCommands } from './inventory.ts';
import { lockCommands } from './locks.ts';
import { intakeFile } from './intake-file.ts';
import { logSourceCommands } from './log-sources.ts';
import { logSourceTypeCommands } from './log-source-types.ts';
import { loginRuleTry } from './login-rule-try.ts';
import { offenseCommands } from './offenses.ts';
import { offlineCommands } from './offline.ts';
import { recordingCommands } from './recordings.ts';
import { ruleCommands } from './rules.ts';
import { sessionCommands } from './sessions.ts';
import { systemCommands } from './system.ts';
import { tokenCommands } from './tokens.ts';
import { userCommands } from './users.ts';

/** Every command but `serve`, which the composition root brings. */
export const COMMANDS: readonly Command[] = [
  applyCommand,
  ...userCommands,
  ...inventoryCommands,
  commandRuleTry,
  commandRuleLint,
  commandRuleImport,
  loginRuleTry,
  ...sessionCommands,
  ...recordingCommands,
  ...eventCommands,
  ...offenseCommands,
  actionTest,
  ...lockCommands,
  ...connectorCommands,
  ...tokenCommands,
  ...systemCommands,
  ...ruleCommands,
  ...logSourceCommands,
  ...logSourceTypeCommands,
  intakeFile,
  ...offlineCommands,
];
