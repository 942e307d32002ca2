import type { FaultCode } from '#domain/access/decision.ts';
import type { KnownUser } from '#state/user-reader.ts';

export type LoginChannel = 'ssh' | 'web' | 'api';

/** Somebody at the door, before anything is known about them. */
export interface LoginAttempt {
  /** The user name as it was typed. Hostile text; never an identity. */
  readonly typedName: string;
  /** The client's own address and port. */
  readonly address: string;
  readonly port: number;
  readonly channel: LoginChannel;
}

/** Why a login was refused: for the audit trail, never for the person at the door. Codes are permanent. */
export type RefusalCode =
  | 'unknown_user'
  | 'no_password'
  | 'wrong_password'
  | 'back_off'
  | 'busy'
  | 'locked'
  | 'login_rule'
  | 'service_user'
  /** The password was right, and no code came with it. */
  | 'second_factor_missing'
  | 'second_factor_wrong'
  /** Too many codes were wrong: nobody looked at this one. */
  | 'second_factor_paused'
  | 'key_not_sound'
  | 'key_unknown'
  | 'key_suspended'
  | 'signature_invalid'
  /** A key that would do was shown, and never proved. */
  | 'key_not_proved'
  /** A request that no honest client makes. */
  | 'malformed_request';

/** `owed`: policy demands one of this user, who has none yet. */
export type SecondFactorState = 'given' | 'none' | 'owed';

export interface Identity {
  readonly user: KnownUser;
  readonly secondFactor: SecondFactorState;
  /** `SHA256:…` of the key that was proved, or offered when nothing is proved yet; null for passwords. */
  readonly keyFingerprint: string | null;
}

/** What the refused credential was worth. A right password on a locked user is worth knowing. */
export type CredentialState = 'right' | 'wrong' | 'unchecked';

/** Who proved a key and owes a code before anything opens. */
export interface Challenge {
  readonly verdict: 'challenge';
  readonly value: Identity;
}

/** Outcome of an attempt. All refusals must look and last the same to the person. */
export type LoginDecision =
  | { readonly verdict: 'allow'; readonly value: Identity }
  | { readonly verdict: 'deny'; readonly code: RefusalCode; readonly credential: CredentialState }
  | { readonly verdict: 'fault'; readonly code: FaultCode; readonly detail: string };
