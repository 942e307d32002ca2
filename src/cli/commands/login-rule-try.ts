import { INVENTORY_ROUTES } from '#contract/routes/inventory-routes.ts';
import { USER_ROUTES } from '#contract/routes/user-routes.ts';
import { judgeLogin } from '#domain/access/login-rules.ts';
import { defineCommand } from '../command.ts';

export const loginRuleTry = defineCommand({
  name: 'login-rule try',
  summary:
    'Say what the stored login rules would do with a login. ssh.blockUsers and ssh.allowUsers are not among them.',
  args: { username: { count: 'one', description: 'Who logs in.' } },
  options: { address: { kind: 'text', required: true, value: 'IP', description: 'From where.' } },
  async run({ api, args, options, output }) {
    const user = await api.call(USER_ROUTES.getUser, { params: args });
    const { items: rules } = await api.call(INVENTORY_ROUTES.listLoginRules);
    const { username, groups } = user;
    const judgement = judgeLogin(rules, { username, groups, address: options.address });
    const by = judgement.rule === null ? '' : ` by ${judgement.rule}`;
    output.show(judgement, [
      judgement.allowed
        ? `${output.good('allowed')}${by}`
        : `${output.bad('refused')}${by || ': no allow rule fits'}`,
    ]);
    return judgement.allowed ? 0 : 1;
  },
});
