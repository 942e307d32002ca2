import type { Token } from '#contract/resources/token.ts';
import { TOKEN_ROUTES as R } from '#contract/routes/token-routes.ts';
import { defineCommand } from '../command.ts';
import type { Column } from '../output/table.ts';
import { readFuture, timeText } from '../output/times.ts';

const columns: readonly Column<Token>[] = [
  { title: 'TOKEN', cell: (one) => one.id },
  { title: 'USER', cell: (one) => one.username },
  { title: 'KIND', cell: (one) => one.kind },
  { title: 'CREATED', cell: (one) => timeText(one.createdAt) },
  { title: 'EXPIRES', cell: (one) => (one.expiresAt === null ? 'never' : timeText(one.expiresAt)) },
  { title: 'LAST USED', cell: (one) => timeText(one.lastUsedAt) },
  { title: 'NAME', cell: (one) => one.name },
];

const tokenCreate = defineCommand({
  name: 'token create',
  summary: 'Create a token, or an access key that signs requests. It is shown this once.',
  options: {
    user: { kind: 'text', value: 'NAME', required: true, description: 'Whose token it is.' },
    name: { kind: 'text', default: '', description: 'What it is for.' },
    expires: { kind: 'text', value: 'TIME', description: 'When it ends by itself, e.g. 90d.' },
    accessKey: {
      kind: 'flag',
      description: 'An access key (id and secret): its secret signs requests and never travels.',
    },
  },
  async run({ api, options, output }) {
    const created = await api.call(R.createToken, {
      body: {
        user: options.user,
        kind: options.accessKey ? 'access-key' : 'token',
        name: options.name,
        expiresAt:
          options.expires === undefined ? null : readFuture(options.expires, '--expires', Date.now()),
      },
    });
    output.show(
      created,
      options.accessKey ? [`id      ${created.id}`, `secret  ${created.token}`] : [created.token],
    );
    if (!output.json) output.note('Keep it safe: it is not shown again.');
  },
});

const tokenList = defineCommand({
  name: 'token list',
  summary: 'Tokens and access keys that are valid.',
  options: { user: { kind: 'text', value: 'NAME', description: 'Only of this user.' } },
  async run({ api, options, output }) {
    const { items } = await api.call(R.listTokens, { query: { user: options.user } });
    output.list(items, columns, 'There are no tokens.');
  },
});

const tokenRevoke = defineCommand({
  name: 'token revoke',
  summary: 'Revoke a token or an access key.',
  args: { id: { count: 'one', description: 'Id of the token.' } },
  async run({ api, args, output }) {
    await api.call(R.revokeToken, { params: args });
    output.show({ id: args.id, revoked: true }, [`Token ${args.id} is revoked.`]);
  },
});

export const tokenCommands = [tokenCreate, tokenList, tokenRevoke];
