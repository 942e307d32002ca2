import { selects } from '#contract/names.ts';
import type { GrantAction, GrantInput, GrantMode } from '#contract/resources/grant.ts';

export interface GrantQuestion {
  readonly username: string;
  readonly groups: readonly string[];
  readonly asset: string;
  readonly account: string;
  readonly action: GrantAction;
  readonly hasSecondFactor: boolean;
}

export type GrantAnswer =
  | { readonly found: 'grant'; readonly grant: string; readonly mode: GrantMode }
  /** Only grants that demand a second factor permit it. */
  | { readonly found: 'second_factor' }
  /** The target is granted, the action is not. */
  | { readonly found: 'other_action' }
  | { readonly found: 'nothing' };

/** Larger is stricter. */
const STRICTNESS: Readonly<Record<GrantMode, number>> = { observe: 0, guard: 1, strict: 2 };

/** Grants that name the person, directly or by a group. */
export function grantsOf(
  grants: readonly GrantInput[],
  username: string,
  groups: readonly string[],
): readonly GrantInput[] {
  return grants.filter(
    (grant) => selects(grant.users, username) || groups.some((group) => selects(grant.groups, group)),
  );
}

/**
 * Grants add up as to what is permitted; as to how it is watched the strictest one that permits it counts, so
 * a further grant never loosens the watch. Of equally strict ones the first is named.
 */
export function findGrant(grants: readonly GrantInput[], question: GrantQuestion): GrantAnswer {
  const onTarget = grantsOf(grants, question.username, question.groups).filter(
    (grant) => selects(grant.assets, question.asset) && selects(grant.accounts, question.account),
  );
  let best: GrantInput | undefined;
  let needsSecondFactor = false;
  for (const grant of onTarget) {
    if (!permits(grant, question.action)) continue;
    if (grant.secondFactor && !question.hasSecondFactor) {
      needsSecondFactor = true;
      continue;
    }
    if (best === undefined || STRICTNESS[grant.mode] > STRICTNESS[best.mode]) best = grant;
  }
  if (best !== undefined) return { found: 'grant', grant: best.name, mode: best.mode };
  if (needsSecondFactor) return { found: 'second_factor' };
  return { found: onTarget.length > 0 ? 'other_action' : 'nothing' };
}

/** A strict grant is for single commands that are parsed before they run: it never opens a shell. */
function permits(grant: GrantInput, action: GrantAction): boolean {
  if (grant.mode === 'strict' && action !== 'exec') return false;
  return grant.actions.includes(action);
}
