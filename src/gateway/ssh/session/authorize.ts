import type { GrantMode } from '#contract/resources/grant.ts';
import type { Role } from '#contract/resources/user.ts';
import { decide, type AccessDecision, type Permission, type Subject } from '#domain/access/decide.ts';
import { compileCommandRules, optionsFor } from '#domain/command/compile-rules.ts';
import type { CommandJudge, CommandJudgement } from '#domain/command/verdict.ts';
import { printable } from '#lib/printable.ts';
import { UserReader } from '#state/user-reader.ts';
import type { Login, LoginTarget } from '../login.ts';
import type { Messages } from '../messages.ts';
import type { Policy } from '../../policy-cache.ts';
import { findTarget, type UpstreamTarget } from '../upstream/target.ts';
import type { ChannelKind } from './person-channel.ts';
import type { GatewayServices } from './services.ts';

/** Access was granted: to exactly this account of this asset. Only `authorize` makes one. */
export interface Authorization {
  /** Of the policy it rests on, or an older one: when the policy has another by now, ask again. */
  readonly version: number;
  readonly target: UpstreamTarget;
  readonly permission: Permission;
  readonly judge: CommandJudge;
  /** Of the command of an exec channel. */
  readonly judgement: CommandJudgement | null;
}

export interface Refusal {
  /** Stable word for the audit trail. */
  readonly code: string;
  readonly message: string;
}

export type AuthorizationResult =
  | { readonly allowed: true; readonly value: Authorization }
  | { readonly allowed: false; readonly refusal: Refusal };

export interface Wish {
  readonly kind: ChannelKind;
  readonly target: LoginTarget;
  readonly command: string | null;
  readonly session: string | null;
}

/** Somebody whom grants and command rules are about. */
interface RuledSubject extends Subject {
  readonly roles: readonly Role[];
}

/** Who asks, with the groups and roles of this moment: those of the login may be out of date. */
export async function currentSubject(
  services: GatewayServices,
  login: Login,
): Promise<RuledSubject | undefined> {
  const user = await new UserReader(services.state.reader).findById(login.userId);
  if (user === undefined) return undefined;
  const { username, kind, address, keyFingerprint } = login;
  const { groups, roles } = user;
  const owed = user.secondFactor.isRequired ? 'owed' : 'none';
  const secondFactor = login.secondFactor === 'given' ? 'given' : owed;
  return { username, groups, roles, kind, address, keyFingerprint, secondFactor };
}

/** Decides whether a channel to an asset may be opened. Throws when the facts cannot be read. */
export async function authorize(
  services: GatewayServices,
  login: Login,
  wish: Wish,
  messages: Messages,
): Promise<AuthorizationResult> {
  const { asset, account } = wish.target;
  const shown = { asset: printable(asset, 64), account: printable(account, 64) };
  const { version } = services.policy;
  const [subject, policy] = await Promise.all([currentSubject(services, login), services.policy.current()]);
  if (subject === undefined)
    return refuse('no_such_user', messages.sessionRefused(shown.asset, shown.account));
  const decision = decide(
    { kind: wish.kind, subject, asset, account, session: wish.session, name: null },
    policy.facts,
  );
  if (decision.verdict !== 'allow')
    return refuse(decision.code, refusalMessage(decision, messages, { ...shown, kind: wish.kind }));
  const target = await findTarget(services.state.reader, asset, account);
  // The same words as without a grant: what exists is nobody's business.
  if (target === undefined)
    return refuse('no_such_account', messages.sessionRefused(shown.asset, shown.account));

  const judge = judgeFor(policy, subject, target, decision.value.mode);
  const judgement = wish.command === null ? null : judge.judge(wish.command);
  return { allowed: true, value: { version, target, permission: decision.value, judge, judgement } };
}

/** The command rules for somebody on an account. Throws when a rule does not compile. */
export function judgeFor(
  policy: Policy,
  subject: RuledSubject,
  { asset, account }: UpstreamTarget,
  mode: GrantMode,
): CommandJudge {
  const { username, groups, roles } = subject;
  return compileCommandRules(
    policy.commandRules,
    { username, groups, roles, asset, account },
    optionsFor(mode),
  );
}

function refuse(code: string, message: string): AuthorizationResult {
  return { allowed: false, refusal: { code, message } };
}

function refusalMessage(
  decision: Exclude<AccessDecision, { readonly verdict: 'allow' }>,
  messages: Messages,
  shown: { readonly asset: string; readonly account: string; readonly kind: ChannelKind },
): string {
  const { asset, account, kind } = shown;
  switch (decision.code) {
    case 'locked':
      return messages.locked();
    case 'login_rule':
      return messages.loginRule();
    case 'service_user':
      return messages.serviceUser();
    case 'second_factor_required':
      return messages.secondFactorRequired();
    case 'action_not_granted':
      return messages.actionNotGranted(asset, account, kind);
    case 'no_grant':
      return messages.sessionRefused(asset, account);
    case 'not_supported':
    case 'environment_not_allowed':
      return messages.notSupported(kind);
    case 'state_unavailable':
      return messages.stateUnavailable();
    case 'stream_unavailable':
      return messages.streamUnavailable();
    case 'recording_unavailable':
      return messages.recordingUnavailable();
    case 'locks_stale':
      return messages.locksStale();
    default:
      return decision satisfies never;
  }
}
