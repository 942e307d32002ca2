import { isDeepStrictEqual } from 'node:util';
import { nameKey } from '#contract/names.ts';
import type { AppliedObject } from '#contract/resources/apply-result.ts';
import { newId } from '#lib/ids.ts';
import { readCommandRules, readGrants, readLoginRules } from '#state/policy-reader.ts';
import { storeCommandRule, storeGrant, storeLoginRule } from '#state/policy-writer.ts';
import type { StateReader, StateTransaction } from '#state/state.ts';
import type { Changes } from './changes.ts';
import type { PreparedDocument } from './prepare-document.ts';

/** Grants and rules are stored whole: what is left out has its default. */
export async function storePolicy(
  tx: StateTransaction,
  document: PreparedDocument,
  changes: Changes,
  now: number,
): Promise<void> {
  await storeAll(tx, 'grant', document.grants, readGrants, storeGrant, changes, now);
  await storeAll(tx, 'login-rule', document.loginRules, readLoginRules, storeLoginRule, changes, now);
  await storeAll(tx, 'command-rule', document.commandRules, readCommandRules, storeCommandRule, changes, now);
}

async function storeAll<T extends { readonly name: string }>(
  tx: StateTransaction,
  kind: AppliedObject['kind'],
  inputs: readonly T[],
  read: (db: StateReader) => Promise<readonly T[]>,
  store: (tx: StateTransaction, id: string, input: T, now: number) => Promise<void>,
  changes: Changes,
  now: number,
): Promise<void> {
  if (inputs.length === 0) return;
  const existing = new Map((await read(tx)).map((one) => [nameKey(one.name), one]));
  for (const input of inputs) {
    const current = existing.get(nameKey(input.name));
    // The name stays as it was first written.
    const wanted = { ...withoutUndefined(input), name: current?.name ?? input.name };
    const fields = current === undefined ? [] : changedFields(current, wanted);
    if (current === undefined || fields.length > 0) await store(tx, newId(now), wanted, now);
    if (current === undefined) changes.created(kind, input.name);
    else changes.compared(kind, current.name, fields);
  }
}

function withoutUndefined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as T;
}

function changedFields(current: object, wanted: object): readonly string[] {
  const before = new Map<string, unknown>(Object.entries(current));
  const after = new Map<string, unknown>(Object.entries(wanted));
  return [...new Set([...before.keys(), ...after.keys()])].filter(
    (field) => !isDeepStrictEqual(before.get(field), after.get(field)),
  );
}
