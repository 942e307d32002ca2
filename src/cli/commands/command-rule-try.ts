import { PortcullisError } from '#contract/errors.ts';
import type { AssetView } from '#contract/resources/asset.ts';
import type { GrantInput } from '#contract/resources/grant.ts';
import type { User } from '#contract/resources/user.ts';
import { INVENTORY_ROUTES } from '#contract/routes/inventory-routes.ts';
import { USER_ROUTES } from '#contract/routes/user-routes.ts';
import { decide, type Permission } from '#domain/access/decide.ts';
import { compileCommandRules, optionsFor } from '#domain/command/compile-rules.ts';
import { renderSyntaxTree, syntaxTree } from '#domain/command/reading/syntax-tree.ts';
import type { CommandJudgement } from '#domain/command/verdict.ts';
import { defineCommand } from '../command.ts';
import { commandText, markedLine } from '../output/marked-line.ts';
import type { Output } from '../output/output.ts';

export const commandRuleTry = defineCommand({
  name: 'command-rule try',
  summary: 'Say what the rules would do with a command line, and what they read in it. Nothing runs.',
  args: { line: { count: 'one', description: 'The line as it would be typed, in quotes.' } },
  options: {
    user: { kind: 'text', required: true, value: 'NAME', description: 'Who types it.' },
    asset: { kind: 'text', required: true, value: 'NAME', description: 'On which asset.' },
    account: {
      kind: 'text',
      value: 'NAME',
      description: 'As which account; without it, the first that a grant gives the user there.',
    },
  },
  async run({ api, args, options, output }) {
    const [user, asset, { items: grants }, { items: rules }] = await Promise.all([
      api.call(USER_ROUTES.getUser, { params: { username: options.user } }),
      api.call(INVENTORY_ROUTES.getAsset, { params: { name: options.asset } }),
      api.call(INVENTORY_ROUTES.listGrants),
      api.call(INVENTORY_ROUTES.listCommandRules),
    ]);
    const { account, permission } = chooseAccount(user, asset, grants, options.account);
    const { line } = args;
    const judgement = compileCommandRules(
      rules,
      { username: user.username, groups: user.groups, roles: user.roles, asset: asset.name, account },
      optionsFor(permission?.mode ?? 'guard'),
    ).judge(line);
    const tree = syntaxTree(line);
    const where = { user: user.username, asset: asset.name, account };
    output.show({ line, ...where, permission: permission ?? null, ...judgement, tree }, [
      ...lineWithMarks(line, judgement),
      `verdict   ${verdictText(judgement, output)}`,
      `who       ${user.username} as ${account}@${asset.name}, ${permissionText(permission)}`,
      ...judgement.reading.programs.map(
        ({ name, args: words }) => `runs      ${commandText([name, ...words].join(' '))}`,
      ),
      ...(judgement.reading.dynamic ? ['dynamic   what runs is decided on the asset'] : []),
      ...(judgement.reading.unparsable ? ['unparsable'] : []),
      ...(tree === null ? [] : renderSyntaxTree(tree)).map(
        (text, index) => `${index === 0 ? 'tree' : '    '}      ${commandText(text)}`,
      ),
    ]);
    return judgement.verdict === 'deny' ? 1 : 0;
  },
});

/** The named account, or the first that a grant opens; with what the grant permits, if there is one. */
function chooseAccount(
  user: User,
  asset: AssetView,
  grants: readonly GrantInput[],
  wanted: string | undefined,
): { readonly account: string; readonly permission: Permission | undefined } {
  const permissionFor = (account: string): Permission | undefined => {
    // As after a login with everything it can be asked for: what is tried here is the command.
    const subject = { ...user, address: '', keyFingerprint: null, secondFactor: 'given' } as const;
    const facts = { grants, locks: [], loginRules: [], environmentAllowed: [], nowMs: 0 };
    for (const kind of ['shell', 'exec'] as const) {
      const decision = decide(
        { kind, subject, asset: asset.name, account, session: null, name: null },
        facts,
      );
      if (decision.verdict === 'allow') return decision.value;
    }
    return undefined;
  };
  if (wanted !== undefined) return { account: wanted, permission: permissionFor(wanted) };
  for (const { username } of asset.accounts) {
    const permission = permissionFor(username);
    if (permission !== undefined) return { account: username, permission };
  }
  throw new PortcullisError(
    'E_USAGE',
    `No grant gives ${user.username} an account of ${asset.name}. Name one with --account to try it all the same.`,
  );
}

function lineWithMarks(line: string, { span }: CommandJudgement): readonly string[] {
  const { shown, marks } = markedLine(line, span);
  return [`line      ${shown}`, ...(marks === '' ? [] : [`          ${marks}`])];
}

function verdictText({ verdict, rule, matched, message }: CommandJudgement, output: Output): string {
  const by = rule === null ? '' : ` by ${rule}`;
  const what = matched === null ? '' : `: ${commandText(matched)}`;
  // Without a rule the message is the reason.
  const why = rule === null && message !== null ? ` (${message})` : '';
  return `${painted(verdict, output)}${by}${what}${why}`;
}

function painted(verdict: CommandJudgement['verdict'], output: Output): string {
  if (verdict === 'deny') return output.bad(verdict);
  return verdict === 'warn' ? output.caution(verdict) : output.good(verdict);
}

function permissionText(permission: Permission | undefined): string {
  if (permission === undefined) return 'which no grant permits; judged as under guard';
  return `${permission.mode} by grant ${permission.grant ?? ''}`;
}
