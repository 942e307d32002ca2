import { z } from 'zod';
import { GroupInput } from '../apply-document.ts';
import { AccountName, Name } from '../names.ts';
import { AccountInput, AssetInput, AssetView } from '../resources/asset.ts';
import { CommandRuleInput, CommandRuleView, CommandRuleWarning } from '../resources/command-rule.ts';
import { GrantInput } from '../resources/grant.ts';
import { Group } from '../resources/group.ts';
import { LoginRuleInput } from '../resources/login-rule.ts';
import { ADMINS, READERS, defineRoute, listOf } from './route.ts';

const params = z.strictObject({ name: Name });

/** Reading one, reading all, storing one (complete, created when missing) and deleting one. */
function crud<I extends z.ZodType, V extends z.ZodType>(
  path: string,
  tag: string,
  one: string,
  input: I,
  view: V,
) {
  const item = `${path}/:name`;
  return {
    list: defineRoute({
      method: 'GET',
      path,
      tag,
      summary: `All ${tag}.`,
      callers: READERS,
      response: listOf(view),
    }),
    get: defineRoute({
      method: 'GET',
      path: item,
      tag,
      summary: `One ${one}.`,
      callers: READERS,
      params,
      response: view,
    }),
    put: defineRoute({
      method: 'PUT',
      path: item,
      tag,
      summary: `Create the ${one}, or replace it.`,
      callers: ADMINS,
      params,
      body: input,
      response: view,
    }),
    remove: defineRoute({
      method: 'DELETE',
      path: item,
      tag,
      summary: `Delete the ${one}.`,
      callers: ADMINS,
      params,
    }),
  };
}

const groups = crud('/v1/groups', 'groups', 'group', GroupInput, Group);
const assets = crud('/v1/assets', 'assets', 'asset', AssetInput, AssetView);
const grants = crud('/v1/grants', 'grants', 'grant', GrantInput, GrantInput);
const loginRules = crud('/v1/login-rules', 'login rules', 'login rule', LoginRuleInput, LoginRuleInput);
const commandRules = crud(
  '/v1/command-rules',
  'command rules',
  'command rule',
  CommandRuleInput,
  CommandRuleView,
);
/** What is stored, and what the patterns do that may not be meant. */
const StoredCommandRule = CommandRuleView.extend({ warnings: z.array(CommandRuleWarning) });
const accountParams = z.strictObject({ name: Name, username: AccountName });

export const INVENTORY_ROUTES = {
  listGroups: groups.list,
  getGroup: groups.get,
  putGroup: groups.put,
  deleteGroup: groups.remove,
  listAssets: assets.list,
  getAsset: assets.get,
  putAsset: assets.put,
  deleteAsset: assets.remove,
  putAccount: defineRoute({
    method: 'PUT',
    path: '/v1/assets/:name/accounts/:username',
    tag: 'assets',
    summary: 'Create an account on an asset, or replace its secret.',
    callers: ADMINS,
    params: accountParams,
    body: AccountInput,
    response: AssetView,
  }),
  deleteAccount: defineRoute({
    method: 'DELETE',
    path: '/v1/assets/:name/accounts/:username',
    tag: 'assets',
    summary: 'Delete an account of an asset, and its secret.',
    callers: ADMINS,
    params: accountParams,
  }),
  forgetHostKeys: defineRoute({
    method: 'DELETE',
    path: '/v1/assets/:name/host-keys',
    tag: 'assets',
    summary: 'Forget the host keys pinned at first use, after the asset was rightly installed anew.',
    callers: ADMINS,
    params,
    response: AssetView,
  }),
  listGrants: grants.list,
  getGrant: grants.get,
  putGrant: grants.put,
  deleteGrant: grants.remove,
  listLoginRules: loginRules.list,
  getLoginRule: loginRules.get,
  putLoginRule: loginRules.put,
  deleteLoginRule: loginRules.remove,
  listCommandRules: commandRules.list,
  getCommandRule: commandRules.get,
  putCommandRule: { ...commandRules.put, response: StoredCommandRule },
  deleteCommandRule: commandRules.remove,
} as const;
