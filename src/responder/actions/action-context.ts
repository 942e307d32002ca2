import type { Control } from '#control/control.ts';
import type { Clock } from '#lib/time.ts';
import type { ActionRow } from '#state/schema.ts';
import type { State } from '#state/state.ts';
import type { Connectors } from '../connectors/connector.ts';
import type { LockService } from '../locks/lock-service.ts';
import type { Mailer } from '../mail/mailer.ts';
import type { ActionOutcome } from './action-states.ts';

/** Whom automatic locks and cuts are signed by. */
export const AUTOMATION = 'portcullis';

export interface GuardLimits {
  /** Users that no automatic action may lock out. */
  readonly breakGlassUsers: readonly string[];
  readonly lockoutsPer10Minutes: number;
  /** Addresses and ranges that are blocked only with approval. */
  readonly breakGlassAddresses: readonly string[];
  /** Addresses and ranges of proxies that tell who the client is. Never blocked: everybody comes from there. */
  readonly trustedProxies: readonly string[];
}

/** What carrying out actions needs. */
export interface ActionContext {
  readonly state: State;
  readonly control: Pick<Control, 'sessions' | 'terminate'>;
  readonly locks: LockService;
  /** Ways to people of other realms. */
  readonly connectors: Connectors;
  /** Null when no mail server is configured. */
  readonly mailer: Mailer | null;
  readonly limits: GuardLimits;
  readonly clock: Clock;
}

/**
 * An action that was claimed. `wasInterrupted`: an earlier run began it and never said how it ended.
 */
export interface ClaimedAction {
  readonly row: ActionRow;
  readonly wasInterrupted: boolean;
}

/** Reads what is there, acts, reads back, and says what it saw. */
export type ActionExecutor = (action: ClaimedAction, context: ActionContext) => Promise<ActionOutcome>;
