import { Name, nameKey } from '#contract/names.ts';
import { decide, type AccessFacts } from '#domain/access/decide.ts';
import { fault } from '#domain/access/decision.ts';
import type { Secret } from '#lib/secret.ts';
import { QueueFullError } from '#lib/work-queue.ts';
import type { KnownUser, UserDirectory } from '#state/user-reader.ts';
import { isLastAdministrator } from './administrators.ts';
import { isProved, type KeyProof } from './key-signatures.ts';
import type {
  Challenge,
  CredentialState,
  Identity,
  LoginAttempt,
  LoginDecision,
  RefusalCode,
} from './login-attempt.ts';
import type { LoginGuard } from './login-guard.ts';
import type { Passwords } from './passwords.ts';
import { parsePublicKey, type PublicKey } from './public-keys.ts';
import type { SecondFactors } from './second-factors.ts';

/** A public key as a client shows it. */
export interface OfferedKey {
  /** Key type as the client names it; RSA keys are always `ssh-rsa` here. */
  readonly algorithm: string;
  /** Digest the client signs RSA with; undefined for all other keys, and for the refused SHA-1. */
  readonly rsaHash: 'sha256' | 'sha512' | undefined;
  readonly blob: Uint8Array;
}

/**
 * Says who is at the door. Answers allow only when the credential is right *and* the access policy lets the
 * person log in; whoever is unknown costs as much as whoever mistyped. Publishes nothing: callers turn every
 * answer into an event, and open nothing before `login.succeeded` is durable.
 */
export interface Authenticator {
  /** Whether a code is asked of whoever types this name; says nothing about whether somebody has it. */
  asksCode(attempt: LoginAttempt): Promise<boolean>;
  /** Password and code are judged in one: neither is known to be right before both were given. */
  password(attempt: LoginAttempt, password: Secret, code?: Secret): Promise<LoginDecision>;
  /** Whether the key would be let in if it were proved. Authenticates nobody. */
  keyOffer(attempt: LoginAttempt, key: OfferedKey): Promise<LoginDecision>;
  keyProof(
    attempt: LoginAttempt,
    key: OfferedKey,
    proof: Omit<KeyProof, 'rsaHash'>,
  ): Promise<LoginDecision | Challenge>;
  /** Forgets failures under a name, of passwords and of codes. */
  forgive(user: Pick<KnownUser, 'id' | 'username'>): void;
  /** The code that a proved key still owes. */
  code(attempt: LoginAttempt, proved: Identity, code: Secret): Promise<LoginDecision>;
}

export interface AuthenticatorOptions {
  readonly users: UserDirectory;
  readonly passwords: Passwords;
  readonly guard: LoginGuard;
  readonly secondFactors: SecondFactors;
  /** Locks and rules in force now. A rejection refuses everybody. */
  readonly facts: () => Promise<AccessFacts>;
}

interface AtTheDoor {
  readonly user: KnownUser | undefined;
  readonly facts: AccessFacts;
}

export function createAuthenticator(options: AuthenticatorOptions): Authenticator {
  const { users, passwords, guard, secondFactors, facts } = options;
  const lookUp = async (attempt: LoginAttempt): Promise<AtTheDoor> => {
    // What cannot be a name is looked up as nothing, so that it costs the same.
    const [user, now] = await Promise.all([users.find(knownNameKey(attempt.typedName)), facts()]);
    return { user, facts: now };
  };

  const judgeKey = async (
    attempt: LoginAttempt,
    offered: OfferedKey,
    prove: (key: PublicKey) => boolean,
  ): Promise<LoginDecision> => {
    const door = await lookUp(attempt);
    const parsed = parsePublicKey(offered.blob);
    const key = parsed.ok && fitsOffer(parsed.value, offered) ? parsed.value : undefined;
    const isRight = key !== undefined && prove(key);
    if (door.user === undefined) return deny('unknown_user', 'unchecked');
    if (key === undefined) return deny('key_not_sound', 'wrong');
    const blob = key.blob.toString('base64');
    const own = door.user.keys.find((one) => one.blob === blob);
    const problem = own === undefined ? 'key_unknown' : own.isSuspended ? 'key_suspended' : undefined;
    const signature = isRight ? undefined : 'signature_invalid';
    return judge(attempt, door.user, door.facts, key.fingerprint, problem ?? signature);
  };

  /** The last step of a login: whoever has an authenticator must have given a code of it. */
  const withCode = async (decision: LoginDecision, code: Secret | undefined): Promise<LoginDecision> => {
    if (decision.verdict !== 'allow') return decision;
    const { user } = decision.value;
    if (!user.secondFactor.isEnrolled) return decision;
    if (code === undefined) return deny('second_factor_missing', 'right');
    const outcome = await secondFactors.check(user, code);
    if (outcome === 'right') return { verdict: 'allow', value: { ...decision.value, secondFactor: 'given' } };
    return deny(outcome === 'paused' ? 'second_factor_paused' : 'second_factor_wrong', 'right');
  };

  return {
    async asksCode({ typedName }) {
      const known = knownNameKey(typedName);
      return secondFactors.isAskedOf(known === '' ? typedName : known, await users.find(known));
    },
    password: (attempt, password, code) =>
      guarded(async () => {
        const { user, facts: now } = await lookUp(attempt);
        const answer = guard.begin({
          address: attempt.address,
          nameKey: knownNameKey(attempt.typedName),
          isLastAdmin: user !== undefined && (await isLastAdministrator(user, users, now)),
        });
        if (answer.let === 'wait') return deny('back_off', 'unchecked');
        let isRight = false;
        try {
          isRight = await passwords.verify(password, user?.passwordHash ?? null);
        } catch (error) {
          answer.settle('undecided');
          if (error instanceof QueueFullError) return deny('busy', 'unchecked');
          throw error;
        }
        const decision = await withCode(judgePassword(attempt, user, now, isRight), code);
        answer.settle(decision.verdict === 'allow' ? 'right' : 'wrong');
        return decision;
      }),
    keyOffer: (attempt, key) => guarded(() => judgeKey(attempt, key, () => true)),
    async keyProof(attempt, key, proof) {
      const decision = await guarded(() =>
        judgeKey(attempt, key, (known) => isProved(known, { ...proof, rsaHash: key.rsaHash })),
      );
      if (decision.verdict !== 'allow' || !decision.value.user.secondFactor.isEnrolled) return decision;
      return { verdict: 'challenge', value: decision.value };
    },
    forgive({ id, username }) {
      guard.forgive(nameKey(username));
      secondFactors.forgive(id);
    },
    code: (attempt, proved, code) =>
      guarded(async () => {
        const { user, facts: now } = await lookUp(attempt);
        if (user === undefined || user.id !== proved.user.id) return deny('unknown_user', 'unchecked');
        const key = user.keys.find((one) => one.fingerprint === proved.keyFingerprint);
        const problem = key === undefined ? 'key_unknown' : key.isSuspended ? 'key_suspended' : undefined;
        return withCode(judge(attempt, user, now, proved.keyFingerprint, problem), code);
      }),
  };
}

function judgePassword(
  attempt: LoginAttempt,
  user: KnownUser | undefined,
  facts: AccessFacts,
  isRight: boolean,
): LoginDecision {
  if (user === undefined) return deny('unknown_user', 'unchecked');
  const missing = user.passwordHash === null ? 'no_password' : 'wrong_password';
  return judge(attempt, user, facts, null, isRight ? undefined : missing);
}

/** Policy names the reason before the credential does: that a user is locked says more than a typing mistake. */
function judge(
  attempt: LoginAttempt,
  user: KnownUser,
  facts: AccessFacts,
  keyFingerprint: string | null,
  problem: RefusalCode | undefined,
): LoginDecision {
  const credential = problem === undefined ? 'right' : 'wrong';
  // Signing in is for persons, on every channel; `decide` lets service users use the API, with a token.
  if (user.kind === 'service') return deny('service_user', credential);
  const { username, groups, kind } = user;
  const decision = decide(
    {
      kind: attempt.channel === 'ssh' ? 'login' : 'api',
      // It plays no part in whether somebody may log in.
      subject: { username, groups, kind, address: attempt.address, keyFingerprint, secondFactor: 'none' },
      asset: null,
      account: null,
      session: null,
      name: null,
    },
    facts,
  );
  if (decision.verdict === 'fault') return decision;
  if (decision.verdict === 'deny') return deny(loginRefusal(decision.code), credential);
  if (problem !== undefined) return deny(problem, credential);
  const secondFactor = user.secondFactor.isRequired && !user.secondFactor.isEnrolled ? 'owed' : 'none';
  return { verdict: 'allow', value: { user, keyFingerprint, secondFactor } };
}

function loginRefusal(code: string): RefusalCode {
  return code === 'locked' || code === 'service_user' ? code : 'login_rule';
}

function fitsOffer(key: PublicKey, offered: OfferedKey): boolean {
  if (key.algorithm !== offered.algorithm) return false;
  return key.algorithm !== 'ssh-rsa' || offered.rsaHash !== undefined;
}

/** The comparable form of what may be a user name; empty for everything that cannot be one. */
function knownNameKey(typed: string): string {
  return Name.safeParse(typed).success ? nameKey(typed) : '';
}

function deny(code: RefusalCode, credential: CredentialState): LoginDecision {
  return { verdict: 'deny', code, credential };
}

async function guarded(work: () => Promise<LoginDecision>): Promise<LoginDecision> {
  try {
    return await work();
  } catch (error) {
    return fault('state_unavailable', error instanceof Error ? error.message : String(error));
  }
}
