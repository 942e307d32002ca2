import type { GrantAction, GrantInput, GrantMode } from '#contract/resources/grant.ts';
import type { Lock } from '#contract/resources/lock.ts';
import type { LoginRuleInput } from '#contract/resources/login-rule.ts';
import type { Decision } from './decision.ts';

/** Every way to use the gateway. A new one does not compile until `decide` classifies it. */
export type AccessKind =
  | 'login'
  | 'shell'
  | 'exec'
  | 'subsystem'
  | 'sftp'
  | 'scp'
  | 'forward-local'
  | 'forward-remote'
  | 'forward-unix'
  | 'agent'
  | 'x11'
  | 'env';

export interface Subject {
  readonly username: string;
  readonly groups: readonly string[];
  readonly kind: 'person' | 'service';
  readonly address: string;
  readonly keyFingerprint: string | null;
}

export interface AccessRequest {
  readonly kind: AccessKind;
  readonly subject: Subject;
  readonly asset: string | null;
  readonly account: string | null;
  readonly session: string | null;
  /** For `subsystem` and `env`: the name asked for. */
  readonly name: string | null;
}

export interface AccessFacts {
  readonly locks: readonly Lock[];
  /** Stored rules and those from the configuration, in one list. */
  readonly loginRules: readonly LoginRuleInput[];
  readonly grants: readonly GrantInput[];
  /** Names of environment variables a client may set. */
  readonly environmentAllowed: readonly string[];
  readonly nowMs: number;
}

export type DenyCode =
  | 'locked'
  | 'login_rule'
  | 'service_user'
  | 'no_grant'
  | 'action_not_granted'
  | 'not_supported'
  | 'environment_not_allowed';

export interface Permission {
  readonly grant: string | null;
  readonly mode: GrantMode;
}

export type AccessDecision = Decision<DenyCode, Permission>;
export type ActionNeeded = GrantAction;
