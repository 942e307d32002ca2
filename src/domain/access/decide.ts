import type { GrantAction, GrantInput, GrantMode } from '#contract/resources/grant.ts';
import type { Lock } from '#contract/resources/lock.ts';
import type { LoginRuleInput } from '#contract/resources/login-rule.ts';
import { allow, deny, type Decision } from './decision.ts';
import { isEnvironmentAllowed } from './environment.ts';
import { findGrant } from './grants.ts';
import { findLock } from './locks.ts';
import { judgeLogin } from './login-rules.ts';

/** Every way to use the gateway. A new one does not compile until `decide` classifies it. */
export type AccessKind =
  | 'login'
  /** Any use of the web pages or the API with a credential. Service users may. */
  | 'api'
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
  /** `owed`: demanded of this user, who has none yet. */
  readonly secondFactor: 'given' | 'none' | 'owed';
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
  /** Granted only to a login with a second factor. */
  | 'second_factor_required'
  | 'not_supported'
  | 'environment_not_allowed';

export interface Permission {
  /** The grant that permits it; null where no grant is needed (login, API, environment). */
  readonly grant: string | null;
  readonly mode: GrantMode;
}

export type AccessDecision = Decision<DenyCode, Permission>;

/** How a kind is decided once locks, login rules and the kind of user have not refused it. */
type Classification =
  | { readonly by: 'identity' }
  | { readonly by: 'grant'; readonly action: GrantAction }
  | { readonly by: 'environment' }
  | { readonly by: 'nothing' };

/** The one place that says what each kind of access needs. */
export function classify(kind: AccessKind): Classification {
  switch (kind) {
    case 'login':
    case 'api':
      return { by: 'identity' };
    case 'shell':
      return { by: 'grant', action: 'shell' };
    case 'exec':
      return { by: 'grant', action: 'exec' };
    case 'env':
      return { by: 'environment' };
    // Not carried yet: each gets its grant action when the gateway can police and record it.
    case 'subsystem':
    case 'sftp':
    case 'scp':
    case 'forward-local':
    case 'forward-remote':
    case 'forward-unix':
    case 'agent':
    case 'x11':
      return { by: 'nothing' };
    default:
      return kind satisfies never;
  }
}

/**
 * The one access decision, asked for every login, channel and request. Default is deny; the order is locks,
 * login rules, kind of user, what the kind of access needs. Pure: the caller gathers the facts, and answers
 * `fault` itself when it cannot.
 */
export function decide(request: AccessRequest, facts: AccessFacts): AccessDecision {
  const { subject, kind } = request;
  if (isLocked(request, facts)) return deny('locked');
  // Asked again for each channel: a rule that came after the login binds what is opened later.
  if (!judgeLogin(facts.loginRules, subject).allowed) return deny('login_rule');
  if (subject.kind === 'service' && kind !== 'api') return deny('service_user');

  const needs = classify(kind);
  switch (needs.by) {
    case 'identity':
      return allow({ grant: null, mode: 'guard' });
    case 'environment':
      return isEnvironmentAllowed(request.name ?? '', facts.environmentAllowed)
        ? allow({ grant: null, mode: 'guard' })
        : deny('environment_not_allowed');
    case 'grant':
      return decideByGrant(request, needs.action, facts);
    case 'nothing':
      return deny('not_supported');
    default:
      return needs satisfies never;
  }
}

function isLocked(request: AccessRequest, facts: AccessFacts): boolean {
  // A locked gateway must still be unlockable: administrators do that through the API.
  const locks =
    request.kind === 'api' ? facts.locks.filter((lock) => lock.targetKind !== 'gateway') : facts.locks;
  const { asset, account, session } = request;
  return findLock(locks, { ...request.subject, asset, account, session }, facts.nowMs) !== undefined;
}

function decideByGrant(request: AccessRequest, action: GrantAction, facts: AccessFacts): AccessDecision {
  const { asset, account, subject } = request;
  if (asset === null || account === null) return deny('no_grant');
  const { username, groups, secondFactor } = subject;
  const hasSecondFactor = secondFactor === 'given';
  const answer = findGrant(facts.grants, { username, groups, asset, account, action, hasSecondFactor });
  switch (answer.found) {
    case 'grant':
      if (secondFactor === 'owed') return deny('second_factor_required');
      return allow({ grant: answer.grant, mode: answer.mode });
    case 'other_action':
      return deny('action_not_granted');
    case 'second_factor':
      return deny('second_factor_required');
    case 'nothing':
      return deny('no_grant');
    default:
      return answer satisfies never;
  }
}
