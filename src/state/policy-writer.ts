import { nameKey } from '#contract/names.ts';
import type { CommandRuleInput } from '#contract/resources/command-rule.ts';
import type { GrantInput } from '#contract/resources/grant.ts';
import type { LoginRuleInput } from '#contract/resources/login-rule.ts';
import type { StateTransaction } from './state.ts';

/** The objects that are policy: each is stored whole under its name, and replaced whole. */
export type PolicyTable = 'grants' | 'login_rules' | 'command_rules';

export async function storeGrant(
  tx: StateTransaction,
  id: string,
  grant: GrantInput,
  now: number,
): Promise<void> {
  const values = {
    name: grant.name,
    nameKey: nameKey(grant.name),
    users: JSON.stringify(grant.users),
    groups: JSON.stringify(grant.groups),
    assets: JSON.stringify(grant.assets),
    accounts: JSON.stringify(grant.accounts),
    actions: JSON.stringify(grant.actions),
    mode: grant.mode,
    secondFactor: grant.secondFactor ? 1 : 0,
    updatedAt: now,
  };
  await tx
    .insertInto('grants')
    .values({ id, ...values, createdAt: now })
    .onConflict((conflict) => conflict.column('nameKey').doUpdateSet(values))
    .execute();
}

export async function storeLoginRule(
  tx: StateTransaction,
  id: string,
  rule: LoginRuleInput,
  now: number,
): Promise<void> {
  const values = {
    name: rule.name,
    nameKey: nameKey(rule.name),
    priority: rule.priority,
    users: JSON.stringify(rule.users),
    groups: JSON.stringify(rule.groups),
    addresses: JSON.stringify(rule.addresses),
    action: rule.action,
    updatedAt: now,
  };
  await tx
    .insertInto('login_rules')
    .values({ id, ...values })
    .onConflict((conflict) => conflict.column('nameKey').doUpdateSet(values))
    .execute();
}

export async function storeCommandRule(
  tx: StateTransaction,
  id: string,
  rule: CommandRuleInput,
  now: number,
): Promise<void> {
  const values = {
    name: rule.name,
    nameKey: nameKey(rule.name),
    priority: rule.priority,
    users: JSON.stringify(rule.users),
    groups: JSON.stringify(rule.groups),
    roles: JSON.stringify(rule.roles),
    assets: JSON.stringify(rule.assets),
    accounts: JSON.stringify(rule.accounts),
    kind: rule.kind,
    patterns: JSON.stringify(rule.patterns),
    verdict: rule.verdict,
    message: rule.message ?? null,
    updatedAt: now,
  };
  await tx
    .insertInto('command_rules')
    .values({ id, ...values })
    .onConflict((conflict) => conflict.column('nameKey').doUpdateSet(values))
    .execute();
}

/** Deletes one by name. Returns false when there is none. */
export async function deletePolicy(tx: StateTransaction, table: PolicyTable, name: string): Promise<boolean> {
  const done = await tx.deleteFrom(table).where('nameKey', '=', nameKey(name)).executeTakeFirst();
  return done.numDeletedRows > 0n;
}
