import type { LoginRuleInput } from '#contract/resources/login-rule.ts';

/**
 * `ssh.allowUsers` and `ssh.blockUsers` as login rules. They belong in front of the stored rules in every
 * `AccessFacts`, and so bind SSH, web and API alike.
 */
export function configLoginRules(config: {
  readonly allowUsers: readonly string[];
  readonly blockUsers: readonly string[];
}): readonly LoginRuleInput[] {
  const rule = (name: string, users: readonly string[], action: 'allow' | 'block'): LoginRuleInput[] =>
    // An allow rule for nobody would shut everybody out.
    users.length === 0 ? [] : [{ name, priority: 1, users: [...users], groups: [], addresses: [], action }];
  return [
    ...rule('ssh.blockUsers', config.blockUsers, 'block'),
    ...rule('ssh.allowUsers', config.allowUsers, 'allow'),
  ];
}
