import type { ActionRow } from '#state/schema.ts';
import type { ActionContext } from '../actions/action-context.ts';
import type { GuardObjection } from '../actions/lock-guards.ts';
import type { LockBefore } from '../actions/place-lock.ts';
import { ConnectorError } from '../connectors/connector-error.ts';
import { readLocksInForce } from '../locks/lock-row.ts';
import { ATTEMPT_MS } from '../realms/connector-outcome.ts';
import { describeForeign } from '../realms/describe-foreign.ts';
import { askBastion, findForeignObjections } from '../realms/foreign-guards.ts';
import { findTarget } from '../realms/foreign-target.ts';

export interface Look {
  readonly before: LockBefore;
  /** What the guards would say, were this real and automatic. */
  readonly objections: readonly GuardObjection[];
}

/** What is there of a person of another realm. Nothing when the bastion does not say: the action itself tells why. */
export async function lookElsewhere(row: ActionRow, context: ActionContext): Promise<Look> {
  const { state, limits, clock } = context;
  const signal = AbortSignal.timeout(ATTEMPT_MS);
  const inForce = await readLocksInForce(state.reader, clock());
  const locks = inForce
    .filter((lock) => lock.targetKind === 'foreign-user' && lock.target === row.target)
    .map(({ id }) => id);
  try {
    const target = await findTarget(row, context, signal);
    if (typeof target === 'string') return { before: { locks, sessions: [] }, objections: [] };
    const sessions = await target.connector.sessions(target.user, signal);
    const automatic: ActionRow = { ...row, mode: 'auto' };
    const objections =
      row.action === 'lock'
        ? await findForeignObjections(
            state.reader,
            automatic,
            target,
            await askBastion(target, signal),
            limits,
            clock(),
          )
        : [];
    return { before: { locks, sessions: sessions.map(describeForeign) }, objections };
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error;
    return { before: { locks, sessions: [] }, objections: [] };
  }
}
