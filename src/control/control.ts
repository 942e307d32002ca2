import type { Lock } from '#contract/resources/lock.ts';

/** A connection, from the moment it is authenticated, until it is gone. */
export interface LiveSession {
  /** The session id; before an asset is chosen, the id of the login. */
  readonly id: string;
  readonly state: 'setup' | 'menu' | 'active';
  readonly userId: string;
  readonly username: string;
  readonly groups: readonly string[];
  readonly address: string;
  readonly port: number;
  readonly keyFingerprint: string | null;
  readonly asset: string | null;
  readonly account: string | null;
  readonly protocol: 'ssh' | 'web';
  readonly startedAt: number;
  /** What runs, as far as the gateway knows: channel kinds and commands. */
  readonly channels: readonly string[];
}

export interface TerminateOrder {
  readonly ids?: readonly string[];
  readonly username?: string;
  /** Shown to the person as `Terminated by admin <by>`. */
  readonly by: string;
  readonly reason: string;
}

export interface Acknowledgement {
  /** Sessions that were cut, known to be gone when this is returned. */
  readonly cut: readonly LiveSession[];
  /** Gateway nodes that did not answer within the lease time. */
  readonly unconfirmed: readonly string[];
}

/** What a gateway node offers to the control plane. */
export interface GatewayNode {
  readonly name: string;
  sessions(): readonly LiveSession[];
  terminate(order: TerminateOrder): Promise<readonly LiveSession[]>;
  /** Applies the complete set of locks in force; resolves when matching sessions are cut or frozen. */
  applyLocks(locks: readonly Lock[], terminatedBy: string): Promise<readonly LiveSession[]>;
}

/** Live commands to every gateway node. */
export interface Control {
  sessions(): Promise<readonly LiveSession[]>;
  terminate(order: TerminateOrder): Promise<Acknowledgement>;
  /** The locks in force have changed: every gateway is told them as they are stored now. */
  tellLocks(terminatedBy: string): Promise<Acknowledgement>;
}
