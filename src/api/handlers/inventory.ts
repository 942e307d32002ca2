import { PortcullisError } from '#contract/errors.ts';
import { nameKey } from '#contract/names.ts';
import type { ApplyDocument } from '#contract/apply-document.ts';
import type { INVENTORY_ROUTES } from '#contract/routes/inventory-routes.ts';
import type { AssetView } from '#contract/resources/asset.ts';
import { lintCommandRule } from '#domain/command/lint/lint-rule.ts';
import { findAccount, findAsset, readAssetViews } from '#state/asset-view-reader.ts';
import { deleteAccount, deleteAsset, forgetPinnedHostKeys } from '#state/asset-writer.ts';
import { readGroups } from '#state/group-reader.ts';
import { deleteGroup } from '#state/group-writer.ts';
import { readCommandRules, readGrants, readLoginRules } from '#state/policy-reader.ts';
import { deletePolicy, type PolicyTable } from '#state/policy-writer.ts';
import type { AssetRow } from '#state/schema.ts';
import type { StateTransaction } from '#state/state.ts';
import type { Caller } from '../access/caller.ts';
import { applyDocument } from '../apply/apply-document.ts';
import { auditor, type ObjectKind } from '../audit.ts';
import { notFound } from '../http/error-answers.ts';
import type { Handlers } from '../http/register-routes.ts';
import type { Services } from '../services.ts';

/** Sessions share the thread: a long list is for `portcullis command-rule lint`. */
const PATTERNS_LOOKED_AT = 20;

export function inventoryHandlers(services: Services): Handlers<typeof INVENTORY_ROUTES> {
  const { state, policy, clock } = services;
  const { reader } = state;

  const store = async (
    caller: Caller,
    pathName: string,
    body: { readonly name: string },
    document: Partial<ApplyDocument>,
  ): Promise<void> => {
    if (nameKey(pathName) !== nameKey(body.name))
      throw new PortcullisError('E_INPUT', 'The name in the body is not the name in the path.', {
        problems: [{ path: 'name', message: `must be ${pathName}` }],
      });
    await applyDocument(services, document, caller);
  };
  /** Deletes in a transaction with its event; false from the work means that there was nothing. */
  const remove = async (
    caller: Caller,
    kind: ObjectKind,
    name: string,
    work: (tx: StateTransaction) => Promise<boolean>,
  ): Promise<undefined> => {
    await state.transact(async (tx, emit) => {
      if (!(await work(tx))) throw notFound();
      auditor(emit, caller, clock()).deleted(kind, name);
    });
    policy.policyChanged();
    return undefined;
  };
  const removePolicy = (
    caller: Caller,
    kind: ObjectKind,
    table: PolicyTable,
    name: string,
  ): Promise<undefined> => remove(caller, kind, name, (tx) => deletePolicy(tx, table, name));
  const asset = async (name: string): Promise<AssetRow> => {
    const row = await findAsset(reader, name);
    if (row === undefined) throw notFound();
    return row;
  };
  const assetView = async (name: string): Promise<AssetView> => first(await readAssetViews(reader, name));

  return {
    listGroups: async () => ({ items: [...(await readGroups(reader))] }),
    getGroup: async ({ params }) => first(await readGroups(reader, params.name)),
    putGroup: async ({ caller, params, body }) => {
      await store(caller, params.name, body, { groups: [body] });
      return first(await readGroups(reader, params.name));
    },
    deleteGroup: ({ caller, params }) =>
      remove(caller, 'group', params.name, (tx) => deleteGroup(tx, params.name)),

    listAssets: async () => ({ items: [...(await readAssetViews(reader))] }),
    getAsset: ({ params }) => assetView(params.name),
    putAsset: async ({ caller, params, body }) => {
      await store(caller, params.name, body, { assets: [body] });
      return assetView(params.name);
    },
    deleteAsset: async ({ caller, params }) => {
      const row = await asset(params.name);
      return remove(caller, 'asset', row.name, async (tx) => {
        await deleteAsset(tx, row.id);
        return true;
      });
    },
    putAccount: async ({ caller, params, body }) => {
      const current = await assetView(params.name);
      if (params.username !== body.username)
        throw new PortcullisError('E_INPUT', 'The name in the body is not the name in the path.', {
          problems: [{ path: 'username', message: `must be ${params.username}` }],
        });
      const { name, address } = current;
      await applyDocument(services, { assets: [{ name, address, accounts: [body] }] }, caller);
      return assetView(params.name);
    },
    deleteAccount: async ({ caller, params }) => {
      const row = await asset(params.name);
      const account = await findAccount(reader, row.id, params.username);
      if (account === undefined) throw notFound();
      return remove(caller, 'account', `${account.username}@${row.name}`, async (tx) => {
        await deleteAccount(tx, account.id);
        return true;
      });
    },
    forgetHostKeys: async ({ caller, params }) => {
      const row = await asset(params.name);
      await state.transact(async (tx, emit) => {
        if ((await forgetPinnedHostKeys(tx, row.id)) > 0)
          auditor(emit, caller, clock()).deleted('host-keys', row.name);
      });
      return assetView(row.name);
    },

    listGrants: async () => ({ items: [...(await readGrants(reader))] }),
    getGrant: async ({ params }) => named(await readGrants(reader), params.name),
    putGrant: async ({ caller, params, body }) => {
      await store(caller, params.name, body, { grants: [body] });
      return named(await readGrants(reader), params.name);
    },
    deleteGrant: ({ caller, params }) => removePolicy(caller, 'grant', 'grants', params.name),

    listLoginRules: async () => ({ items: [...(await readLoginRules(reader))] }),
    getLoginRule: async ({ params }) => named(await readLoginRules(reader), params.name),
    putLoginRule: async ({ caller, params, body }) => {
      await store(caller, params.name, body, { loginRules: [body] });
      return named(await readLoginRules(reader), params.name);
    },
    deleteLoginRule: ({ caller, params }) => removePolicy(caller, 'login-rule', 'login_rules', params.name),

    listCommandRules: async () => ({ items: [...(await readCommandRules(reader))] }),
    getCommandRule: async ({ params }) => named(await readCommandRules(reader), params.name),
    putCommandRule: async ({ caller, params, body }) => {
      await store(caller, params.name, body, { commandRules: [body] });
      const stored = named(await readCommandRules(reader), params.name);
      return { ...stored, warnings: [...lintCommandRule(stored, PATTERNS_LOOKED_AT)] };
    },
    deleteCommandRule: ({ caller, params }) =>
      removePolicy(caller, 'command-rule', 'command_rules', params.name),
  };
}

function first<T>(items: readonly T[]): T {
  const [item] = items;
  if (item === undefined) throw notFound();
  return item;
}

function named<T extends { readonly name: string }>(items: readonly T[], name: string): T {
  return first(items.filter((item) => nameKey(item.name) === nameKey(name)));
}
