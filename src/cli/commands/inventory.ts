import { z } from 'zod';
import type { AssetView } from '#contract/resources/asset.ts';
import type { CommandRuleInput } from '#contract/resources/command-rule.ts';
import type { GrantInput } from '#contract/resources/grant.ts';
import type { Group } from '#contract/resources/group.ts';
import type { LoginRuleInput } from '#contract/resources/login-rule.ts';
import { INVENTORY_ROUTES as R } from '#contract/routes/inventory-routes.ts';
import type { Route } from '#contract/routes/route.ts';
import { stringify } from 'yaml';
import { type Command, defineCommand } from '../command.ts';
import type { Column } from '../output/table.ts';

const name = { count: 'one', description: 'Its name.' } as const;
const Named = z.object({ name: z.string() });

interface Resource<T> {
  /** As it is typed: `login-rule`. */
  readonly word: string;
  readonly plural: string;
  readonly list: Route;
  readonly get: Route;
  readonly remove: Route;
  readonly columns: readonly Column<T>[];
}

/** Listing, showing and deleting, alike for everything that has a name. Creating is what `apply` is for. */
function commandsFor<T extends { readonly name: string }>(resource: Resource<T>): readonly Command[] {
  const { word, plural, list, get, remove, columns } = resource;
  return [
    defineCommand({
      name: `${word} list`,
      summary: `All ${plural}.`,
      async run({ api, output }) {
        const { items } = (await api.call(list)) as { readonly items: readonly T[] };
        output.list(items, columns, `There are no ${plural}.`);
      },
    }),
    defineCommand({
      name: `${word} show`,
      summary: `One of the ${plural}, with everything.`,
      args: { name },
      async run({ api, args, output }) {
        const value = Named.loose().parse(await api.call(get, { params: args }));
        output.show(value, stringify(value).trimEnd().split('\n'));
      },
    }),
    defineCommand({
      name: `${word} delete`,
      summary: `Delete one of the ${plural}.`,
      args: { name },
      async run({ api, args, output }) {
        await api.call(remove, { params: args });
        output.show({ name: args.name, deleted: true }, [`${word} ${args.name} is deleted.`]);
      },
    }),
  ];
}

const list = (items: readonly string[]): string => items.join(',');

const who: readonly Column<{ readonly users: readonly string[]; readonly groups: readonly string[] }>[] = [
  { title: 'USERS', cell: (one) => list(one.users) },
  { title: 'GROUPS', cell: (one) => list(one.groups) },
];

export const inventoryCommands: readonly Command[] = [
  ...commandsFor<Group>({
    word: 'group',
    plural: 'groups',
    list: R.listGroups,
    get: R.getGroup,
    remove: R.deleteGroup,
    columns: [
      { title: 'GROUP', cell: (one) => one.name },
      { title: 'USERS', cell: (one) => list(one.users) },
    ],
  }),
  ...commandsFor<AssetView>({
    word: 'asset',
    plural: 'assets',
    list: R.listAssets,
    get: R.getAsset,
    remove: R.deleteAsset,
    columns: [
      { title: 'ASSET', cell: (one) => one.name },
      { title: 'ADDRESS', cell: (one) => `${one.address}:${one.port}` },
      {
        title: 'HOST KEYS',
        cell: (one) => one.hostKeys.length || (one.trustOnFirstUse ? 'first use' : 'NONE'),
      },
      { title: 'ACCOUNTS', cell: (one) => list(one.accounts.map((account) => account.username)) },
    ],
  }),
  ...commandsFor<GrantInput>({
    word: 'grant',
    plural: 'grants',
    list: R.listGrants,
    get: R.getGrant,
    remove: R.deleteGrant,
    columns: [
      { title: 'GRANT', cell: (one) => one.name },
      ...who,
      { title: 'ASSETS', cell: (one) => list(one.assets) },
      { title: 'ACCOUNTS', cell: (one) => list(one.accounts) },
      { title: 'MODE', cell: (one) => one.mode },
      { title: 'ACTIONS', cell: (one) => list(one.actions) },
    ],
  }),
  ...commandsFor<LoginRuleInput>({
    word: 'login-rule',
    plural: 'login rules',
    list: R.listLoginRules,
    get: R.getLoginRule,
    remove: R.deleteLoginRule,
    columns: [
      { title: 'RULE', cell: (one) => one.name },
      { title: 'PRIORITY', cell: (one) => one.priority },
      { title: 'ACTION', cell: (one) => one.action },
      ...who,
      { title: 'ADDRESSES', cell: (one) => list(one.addresses) || 'any' },
    ],
  }),
  ...commandsFor<CommandRuleInput>({
    word: 'command-rule',
    plural: 'command rules',
    list: R.listCommandRules,
    get: R.getCommandRule,
    remove: R.deleteCommandRule,
    columns: [
      { title: 'RULE', cell: (one) => one.name },
      { title: 'PRIORITY', cell: (one) => one.priority },
      { title: 'VERDICT', cell: (one) => one.verdict },
      { title: 'KIND', cell: (one) => one.kind },
      ...who,
      { title: 'ROLES', cell: (one) => list(one.roles) },
      { title: 'ASSETS', cell: (one) => list(one.assets) },
      { title: 'ACCOUNTS', cell: (one) => list(one.accounts) },
      { title: 'PATTERNS', cell: (one) => list(one.patterns) },
    ],
  }),
  defineCommand({
    name: 'asset forget-host-keys',
    summary: 'Forget the host keys pinned at first use, after the asset was rightly installed anew.',
    args: { name },
    async run({ api, args, output }) {
      const asset = await api.call(R.forgetHostKeys, { params: args });
      output.show(asset, [`Host keys of ${args.name} seen at first use are forgotten.`]);
    },
  }),
];
