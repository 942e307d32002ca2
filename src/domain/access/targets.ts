import type { GrantMode } from '#contract/resources/grant.ts';
import { decide, type AccessFacts, type Subject } from './decide.ts';
import { grantsOf } from './grants.ts';

export interface InventoryAsset {
  readonly name: string;
  /** Account names on the asset. */
  readonly accounts: readonly string[];
}

export interface AccessibleAccount {
  readonly account: string;
  readonly grant: string | null;
  readonly mode: GrantMode;
}

export interface AccessibleAsset {
  readonly asset: string;
  /** Never empty; in the order of the inventory. */
  readonly accounts: readonly AccessibleAccount[];
}

/**
 * What a person may open a shell on, for the menu. Each entry is an answer of `decide`, so the menu never
 * offers what the door would refuse.
 */
export function accessibleTargets(
  subject: Subject,
  facts: AccessFacts,
  inventory: readonly InventoryAsset[],
): readonly AccessibleAsset[] {
  const own: AccessFacts = { ...facts, grants: grantsOf(facts.grants, subject.username, subject.groups) };
  const found: AccessibleAsset[] = [];
  for (const { name, accounts } of inventory) {
    const open = accounts.flatMap((account): readonly AccessibleAccount[] => {
      const decision = decide(
        { kind: 'shell', subject, asset: name, account, session: null, name: null },
        own,
      );
      return decision.verdict === 'allow' ? [{ account, ...decision.value }] : [];
    });
    if (open.length > 0) found.push({ asset: name, accounts: open });
  }
  return found;
}
