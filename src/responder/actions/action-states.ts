import type { ActionRow } from '#state/schema.ts';

/**
 * Where an action stands. `contained` is the half-way mark of a termination: cut and found empty, to be looked
 * at again. `unknown` waits for a person, because doing it again could do it twice.
 */
export type ActionState =
  | 'planned'
  | 'awaiting_approval'
  | 'dispatched'
  | 'retrying'
  | 'contained'
  | 'succeeded'
  | 'verified'
  | 'noop'
  | 'failed'
  | 'unknown'
  | 'shadowed'
  | 'downgraded'
  | 'cancelled'
  | 'rejected'
  | 'expired';

/** Something is still to be done by the runner. */
export const DUE_STATES: readonly ActionState[] = ['planned', 'retrying', 'contained', 'dispatched'];

/** A later step of the same playbook waits for these. */
export const HOLDING_STATES: ReadonlySet<string> = new Set<ActionState>(['planned', 'dispatched']);

/** What an action found, did and saw; stored as JSON, shown to people. */
export interface ActionResult {
  /** One sentence for people. */
  readonly summary: string;
  /** Sessions that were ended: what they were, and what ran in them. */
  readonly cut?: readonly CutSession[];
  readonly unconfirmed?: readonly string[];
  /** Of a termination: when the list was first empty, and how often somebody had come back. */
  readonly containedAt?: number;
  readonly returns?: number;
  /** Of a mail: who has it already. */
  readonly delivered?: readonly string[];
  /** Of a mail: the message began to be sent. Found after a crash, nobody knows whether it arrived. */
  readonly isUnderWay?: boolean;
  readonly [more: string]: unknown;
}

export interface CutSession {
  readonly id: string;
  readonly asset: string | null;
  readonly account: string | null;
  readonly address: string;
  readonly channels: readonly string[];
}

export interface ActionOutcome {
  readonly state: ActionState;
  readonly result: ActionResult;
  /** Not to be looked at before; epoch milliseconds. */
  readonly notBefore?: number;
  /** What was there before the action, kept for undoing it. */
  readonly before?: unknown;
}

export function resultOf(row: ActionRow): ActionResult | null {
  return row.result === null ? null : (JSON.parse(row.result) as ActionResult);
}
