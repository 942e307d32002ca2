import { INVENTORY_ROUTES } from '#contract/routes/inventory-routes.ts';
import { USER_ROUTES } from '#contract/routes/user-routes.ts';
import { judgeLogin } from '#domain/access/login-rules.ts';
import { compileCommandRules } from '#domain/command/compile-rules.ts';
import { defineCommand } from '../command.ts';

export const commandRuleTry = defineCommand({
  name: 'command-rule try',
  summary: 'Say what the rules would do with a command line, and what they read in it. Nothing runs.',
  args: { line: { count: 'one', description: 'The line as it would be typed, in quotes.' } },
  options: {
    user: { kind: 'text', required: true, value: 'NAME', description: 'Who types it.' },
    asset: { kind: 'text', required: true, value: 'NAME', description: 'On which asset.' },
    account: { kind: 'text', required: true, value: 'NAME', description: 'As which account.' },
  },
  async run({ api, args, options, output }) {
    const user = await api.call(USER_ROUTES.getUser, { params: { username: options.user } });
    const { items: rules } = await api.call(INVENTORY_ROUTES.listCommandRules);
    const scope = {
      username: user.username,
      groups: user.groups,
      roles: user.roles,
      asset: options.asset,
      account: options.account,
    };
    const judgement = compileCommandRules(rules, scope).judge(args.line);
    const { verdict, rule, matched, reading } = judgement;
    const programs = reading.programs.map((program) => [program.name, ...program.args].join(' '));
    const color =
      verdict === 'deny'
        ? output.bad(verdict)
        : verdict === 'warn'
          ? output.caution(verdict)
          : output.good(verdict);
    output.show(judgement, [
      `verdict   ${color}${rule === null ? '' : ` by ${rule}`}${matched === null ? '' : `: ${matched}`}`,
      ...programs.map((program) => `runs      ${program}`),
      ...(reading.dynamic ? ['dynamic   what runs is decided on the asset'] : []),
      ...(reading.unparsable ? ['unparsable'] : []),
    ]);
    return verdict === 'deny' ? 1 : 0;
  },
});

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
