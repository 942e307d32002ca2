import type { Recovery } from '#contract/resources/recovery.ts';
import type { RecoveryRow } from '#state/schema.ts';

/**
 * Where a recovery stands. `started`: the old credentials are dead, the link is still to be mailed.
 * `link_mailed`: it is the person's turn. The others are final.
 */
export type RecoveryState = 'started' | 'link_mailed' | 'completed' | 'cancelled' | 'superseded';

export const OPEN_STATES: readonly RecoveryState[] = ['started', 'link_mailed'];

export type StepName =
  | 'kill-credentials'
  | 'cut-sessions'
  /** Only where a second person must agree. */
  | 'approve'
  | 'mail-link'
  | 'set-password'
  | 'enrol-second-factor'
  | 'lift-locks';

export interface RecoveryStep {
  readonly name: StepName;
  readonly state: 'pending' | 'done' | 'failed' | 'skipped';
  readonly at: number | null;
  readonly detail: string | null;
  /** Of a link that could not be mailed: how often it was tried. */
  readonly attempts?: number;
  /** Of a link that could not be mailed: when it is tried again; null when only a person can have it tried. */
  readonly nextAt?: number | null;
}

const NAMES: readonly StepName[] = [
  'kill-credentials',
  'cut-sessions',
  'approve',
  'mail-link',
  'set-password',
  'enrol-second-factor',
  'lift-locks',
];

export function firstSteps(needsApproval: boolean): readonly RecoveryStep[] {
  const names = NAMES.filter((name) => name !== 'approve' || needsApproval);
  return names.map((name) => ({ name, state: 'pending', at: null, detail: null }));
}

export function readSteps(row: RecoveryRow): readonly RecoveryStep[] {
  return JSON.parse(row.steps) as RecoveryStep[];
}

export function withStep(
  steps: readonly RecoveryStep[],
  name: StepName,
  state: RecoveryStep['state'],
  at: number | null,
  detail: string | null = null,
  retry: Pick<RecoveryStep, 'attempts' | 'nextAt'> = {},
): readonly RecoveryStep[] {
  return steps.map((step) => (step.name === name ? { name, state, at, detail, ...retry } : step));
}

export function recoveryView(row: RecoveryRow, username: string): Recovery {
  return {
    id: row.id,
    username,
    state: row.state,
    mailAddress: row.mailAddress,
    requestedBy: row.requestedBy,
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
    completedAt: row.completedAt,
    steps: readSteps(row).map(({ name, state, at, detail, nextAt = null }) => ({
      name,
      state,
      at,
      detail,
      nextAt,
    })),
  };
}
