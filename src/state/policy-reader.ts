import type { CommandRuleInput } from '#contract/resources/command-rule.ts';
import type { GrantInput } from '#contract/resources/grant.ts';
import type { LoginRuleInput } from '#contract/resources/login-rule.ts';
import type { StateReader } from './state.ts';

const list = (text: string): string[] => JSON.parse(text) as string[];

/** All grants, ordered by name. */
export async function readGrants(db: StateReader): Promise<readonly GrantInput[]> {
  const rows = await db.selectFrom('grants').selectAll().orderBy('nameKey').execute();
  return rows.map((row) => ({
    name: row.name,
    users: list(row.users),
    groups: list(row.groups),
    assets: list(row.assets),
    accounts: list(row.accounts),
    actions: list(row.actions) as GrantInput['actions'],
    mode: row.mode,
    secondFactor: row.secondFactor !== 0,
  }));
}

/** All stored login rules, in the order in which they are asked. */
export async function readLoginRules(db: StateReader): Promise<readonly LoginRuleInput[]> {
  const rows = await db
    .selectFrom('login_rules')
    .selectAll()
    .orderBy('priority')
    .orderBy('nameKey')
    .execute();
  return rows.map((row) => ({
    name: row.name,
    priority: row.priority,
    users: list(row.users),
    groups: list(row.groups),
    addresses: list(row.addresses),
    action: row.action,
  }));
}

/** All command rules, in the order in which they are asked. */
export async function readCommandRules(db: StateReader): Promise<readonly CommandRuleInput[]> {
  const rows = await db
    .selectFrom('command_rules')
    .selectAll()
    .orderBy('priority')
    .orderBy('nameKey')
    .execute();
  return rows.map((row) => ({
    name: row.name,
    priority: row.priority,
    users: list(row.users),
    groups: list(row.groups),
    roles: list(row.roles) as CommandRuleInput['roles'],
    assets: list(row.assets),
    accounts: list(row.accounts),
    kind: row.kind,
    patterns: list(row.patterns),
    verdict: row.verdict,
    ...(row.message === null ? {} : { message: row.message }),
  }));
}
