import type { LockBook } from '#control/lock-book.ts';
import type { NewId } from '#lib/ids.ts';
import type { Logger } from '#lib/log.ts';
import type { Clock, MonotonicClock } from '#lib/time.ts';
import type { Recorder } from '#recording/recorder.ts';
import type { State } from '#state/state.ts';
import type { Vault } from '#vault/vault.ts';
import type { PolicyCache } from '../../policy-cache.ts';
import type { createMenu } from '../../menu/menu.ts';
import type { channelGate } from './channel-gate.ts';
import type { GatewayEvents } from './gateway-events.ts';
import type { TakeDowns } from './take-downs.ts';

export interface SessionLimits {
  readonly idleMs: number;
  readonly sessionMs: number;
  readonly connectTimeoutMs: number;
}

/** What sessions need of the rest of the house. */
export interface GatewayServices {
  readonly node: string;
  readonly state: State;
  readonly events: GatewayEvents;
  readonly recorder: Recorder;
  readonly vault: Vault;
  readonly policy: PolicyCache;
  readonly lockBook: LockBook;
  /** False while the control plane is out of reach: nothing new is opened. */
  readonly leaseHeld: () => boolean;
  readonly limits: SessionLimits;
  /** Variables a client may set on an asset. */
  readonly environment: readonly string[];
  readonly takeDowns: TakeDowns;
  readonly openMenu: typeof createMenu;
  readonly channelGate: typeof channelGate;
  readonly clock: Clock;
  readonly monotonicClock: MonotonicClock;
  readonly newId: NewId;
  readonly logger: Logger;
}
