import { selects } from '#contract/names.ts';
import type { LoginRuleInput } from '#contract/resources/login-rule.ts';
import { parseIpAddress, parseIpRange, rangeContains } from '#lib/ip.ts';
import { isAddressIn } from './locks.ts';

/** Who knocks, from where. */
export interface LoginSubject {
  readonly username: string;
  readonly groups: readonly string[];
  readonly address: string;
}

export interface LoginJudgement {
  readonly allowed: boolean;
  /** The rule that decided; null when there is no rule, or when no allow rule matched. */
  readonly rule: string | null;
}

/**
 * Login rules, the configured lists included. A block rule that matches refuses, whatever else matches. As
 * soon as any allow rule exists, only those may log in whom an allow rule matches (as with AllowUsers in
 * sshd_config). Priority chooses which of several matching rules is named in the audit trail.
 */
export function judgeLogin(rules: readonly LoginRuleInput[], subject: LoginSubject): LoginJudgement {
  const byPriority = rules.toSorted((left, right) => left.priority - right.priority);
  const block = byPriority.find((rule) => rule.action === 'block' && blockMatches(rule, subject));
  if (block !== undefined) return { allowed: false, rule: block.name };
  const allows = byPriority.filter((rule) => rule.action === 'allow');
  if (allows.length === 0) return { allowed: true, rule: null };
  const match = allows.find((rule) => allowMatches(rule, subject));
  return { allowed: match !== undefined, rule: match?.name ?? null };
}

/** An address nobody can read counts as blocked, and never as allowed. */
function blockMatches(rule: LoginRuleInput, subject: LoginSubject): boolean {
  if (!selectsPerson(rule, subject)) return false;
  return rule.addresses.length === 0 || rule.addresses.some((range) => isAddressIn(range, subject.address));
}

function allowMatches(rule: LoginRuleInput, subject: LoginSubject): boolean {
  if (!selectsPerson(rule, subject)) return false;
  if (rule.addresses.length === 0) return true;
  const address = parseIpAddress(subject.address);
  if (address === undefined) return false;
  return rule.addresses.some((text) => {
    const range = parseIpRange(text);
    return range !== undefined && rangeContains(range, address);
  });
}

function selectsPerson(rule: LoginRuleInput, subject: LoginSubject): boolean {
  return selects(rule.users, subject.username) || subject.groups.some((group) => selects(rule.groups, group));
}
