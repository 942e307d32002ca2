import type { Token } from '#contract/resources/token.ts';
import { TOKEN_ROUTES as R } from '#contract/routes/token-routes.ts';
import { defineCommand } from '../command.ts';
import type { Column } from '../output/table.ts';
import { readFuture, timeText } from '../output/times.ts';

const columns: readonly Column<Token>[] = [
  { title: 'TOKEN', cell: (one) => one.id },
  { title: 'USER', cell: (one) => one.username },
  { title: 'CREATED', cell: (one) => timeText(one.createdAt) },
  { title: 'EXPIRES', cell: (one) => (one.expiresAt === null ? 'never' : timeText(one.expiresAt)) },
  { title: 'LAST USED', cell: (one) => timeText(one.lastUsedAt) },
  { title: 'NAME', cell: (one) => one.name },
];

const tokenCreate = defineCommand({
  name: 'token create',
  summary: 'Create a token. It is shown this once.',
  options: {
    user: { kind: 'text', value: 'NAME', required: true, description: 'Whose token it is.' },
    name: { kind: 'text', default: '', description: 'What it is for.' },
    expires: { kind: 'text', value: 'TIME', description: 'When it ends by itself, e.g. 90d.' },
  },
  async run({ api, options, output }) {
    const created = await api.call(R.createToken, {
      body: {
        user: options.user,
        name: options.name,
        expiresAt:
          options.expires === undefined ? null : readFuture(options.expires, '--expires', Date.now()),
      },
    });
    output.show(created, [created.token]);
    if (!output.json) output.note('Keep it safe: it is not shown again.');
  },
});

const tokenList = defineCommand({
  name: 'token list',
  summary: 'Tokens that are valid.',
  options: { user: { kind: 'text', value: 'NAME', description: 'Only of this user.' } },
  async run({ api, options, output }) {
    const { items } = await api.call(R.listTokens, { query: { user: options.user } });
    output.list(items, columns, 'There are no tokens.');
  },
});

const tokenRevoke = defineCommand({
  name: 'token revoke',
  summary: 'Revoke a token.',
  args: { id: { count: 'one', description: 'Id of the token.' } },
  async run({ api, args, output }) {
    await api.call(R.revokeToken, { params: args });
    output.show({ id: args.id, revoked: true }, [`Token ${args.id} is revoked.`]);
  },
});

export const tokenCommands = [tokenCreate, tokenList, tokenRevoke];
