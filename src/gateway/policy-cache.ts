import type { CommandRuleInput } from '#contract/resources/command-rule.ts';
import { Lock } from '#contract/resources/lock.ts';
import type { AccessFacts } from '#domain/access/decide.ts';
import { configLoginRules } from '#identity/config-login-rules.ts';
import type { Clock } from '#lib/time.ts';
import { readCommandRules, readGrants, readLoginRules } from '#state/policy-reader.ts';
import type { StateReader } from '#state/state.ts';

/** What every access question of the gateway is answered from, at one moment. */
export interface Policy {
  readonly facts: AccessFacts;
  readonly commandRules: readonly CommandRuleInput[];
}

export interface PolicyCacheOptions {
  readonly reader: StateReader;
  readonly ssh: {
    readonly allowUsers: readonly string[];
    readonly blockUsers: readonly string[];
    readonly environment: readonly string[];
  };
  readonly clock: Clock;
}

type Loaded = Pick<AccessFacts, 'grants' | 'loginRules'> & Pick<Policy, 'commandRules'>;

/**
 * Policy read from the state database and kept until somebody says that it changed. Who changes policy calls
 * `policyChanged` after the commit; a question asked after that call is answered from the new policy.
 */
export class PolicyCache {
  readonly #options: PolicyCacheOptions;
  readonly #listeners = new Set<() => void>();
  #loading: Promise<Loaded> | undefined;
  #version = 0;
  #locks: readonly Lock[] = [];
  #locksVersion = 0;

  constructor(options: PolicyCacheOptions) {
    this.#options = options;
  }

  /** Grows with every change: whoever read it before asking knows later whether the answer still holds. */
  get version(): number {
    return this.#version;
  }

  /** Grants, rules, groups or locks were changed and the change is committed. */
  policyChanged(): void {
    this.#version += 1;
    this.#loading = undefined;
    for (const listener of this.#listeners) listener();
  }

  /** Calls after every change; for whoever must look again at what is open. */
  onChange(listener: () => void): Disposable {
    this.#listeners.add(listener);
    return {
      [Symbol.dispose]: () => {
        this.#listeners.delete(listener);
      },
    };
  }

  /** The control plane told the complete set of locks in force: fresher than any reading under way. */
  replaceLocks(locks: readonly Lock[]): void {
    this.#locks = locks;
    this.#locksVersion += 1;
  }

  /** Throws when the state database cannot be read: the answer to the question is then no. */
  async current(): Promise<Policy> {
    for (;;) {
      const version = this.#version;
      const loading = (this.#loading ??= this.#load());
      let loaded: Loaded;
      try {
        loaded = await loading;
      } catch (error) {
        if (this.#loading === loading) this.#loading = undefined;
        throw error;
      }
      if (version !== this.#version) continue;
      const { commandRules, ...rest } = loaded;
      const facts: AccessFacts = {
        ...rest,
        locks: this.#locks,
        environmentAllowed: this.#options.ssh.environment,
        nowMs: this.#options.clock(),
      };
      return { facts, commandRules };
    }
  }

  /** The same for questions that need no command rules. */
  async facts(): Promise<AccessFacts> {
    return (await this.current()).facts;
  }

  async #load(): Promise<Loaded> {
    const { reader } = this.#options;
    const locksVersion = this.#locksVersion;
    const [grants, loginRules, commandRules, locks] = await Promise.all([
      readGrants(reader),
      readLoginRules(reader),
      readCommandRules(reader),
      reader.selectFrom('locks').selectAll().where('endedAt', 'is', null).execute(),
    ]);
    // A lock nobody can read must not be skipped: parsing throws, and the answer is no.
    const inForce = locks.map((row) => Lock.parse(row));
    if (locksVersion === this.#locksVersion) this.#locks = inForce;
    return { grants, loginRules: [...configLoginRules(this.#options.ssh), ...loginRules], commandRules };
  }
}
