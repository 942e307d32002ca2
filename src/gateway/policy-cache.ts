import { PortcullisError } from '#contract/errors.ts';
import { CommandRuleInput } from '#contract/resources/command-rule.ts';
import { GrantInput } from '#contract/resources/grant.ts';
import { Lock } from '#contract/resources/lock.ts';
import { LoginRuleInput } from '#contract/resources/login-rule.ts';
import type { AccessFacts } from '#domain/access/decide.ts';
import type { Clock } from '#lib/time.ts';
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

type Loaded = Omit<AccessFacts, 'locks' | 'nowMs' | 'environmentAllowed'> & {
  readonly commandRules: readonly CommandRuleInput[];
};

/**
 * Policy read from the state database and kept until somebody says that it changed. Who changes policy calls
 * `policyChanged` after the commit; a question asked after that call is answered from the new policy.
 */
export class PolicyCache {
  readonly #options: PolicyCacheOptions;
  readonly #listeners = new Set<() => void>();
  #loading: Promise<Loaded> | undefined;
  #version = 0;
  #locks: readonly Lock[] | undefined;
  #locksVersion = 0;

  constructor(options: PolicyCacheOptions) {
    this.#options = options;
  }

  /** Grants, rules or locks were changed and the change is committed. */
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
      this.#loading ??= this.#load();
      const loading = this.#loading;
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
        locks: this.#locks ?? [],
        environmentAllowed: this.#options.ssh.environment,
        nowMs: this.#options.clock(),
      };
      return { facts, commandRules };
    }
  }

  async #load(): Promise<Loaded> {
    const { reader } = this.#options;
    const locksVersion = this.#locksVersion;
    const [grants, loginRules, commandRules, locks] = await Promise.all([
      reader.selectFrom('grants').selectAll().execute(),
      reader.selectFrom('login_rules').selectAll().execute(),
      reader.selectFrom('command_rules').selectAll().execute(),
      reader.selectFrom('locks').selectAll().where('endedAt', 'is', null).execute(),
    ]);
    const loaded: Loaded = {
      grants: grants.map(({ name, users, groups, assets, accounts, actions, mode }) =>
        stored(`grant ${name}`, () =>
          GrantInput.parse({
            name,
            users: JSON.parse(users),
            groups: JSON.parse(groups),
            assets: JSON.parse(assets),
            accounts: JSON.parse(accounts),
            actions: JSON.parse(actions),
            mode,
          }),
        ),
      ),
      loginRules: [
        ...this.#configuredRules(),
        ...loginRules.map(({ name, priority, users, groups, addresses, action }) =>
          stored(`login rule ${name}`, () =>
            LoginRuleInput.parse({
              name,
              priority,
              users: JSON.parse(users),
              groups: JSON.parse(groups),
              addresses: JSON.parse(addresses),
              action,
            }),
          ),
        ),
      ],
      commandRules: commandRules.map((row) =>
        stored(`command rule ${row.name}`, () =>
          CommandRuleInput.parse({
            name: row.name,
            priority: row.priority,
            users: JSON.parse(row.users),
            groups: JSON.parse(row.groups),
            assets: JSON.parse(row.assets),
            accounts: JSON.parse(row.accounts),
            kind: row.kind,
            patterns: JSON.parse(row.patterns),
            verdict: row.verdict,
            ...(row.message === null ? {} : { message: row.message }),
          }),
        ),
      ),
    };
    const inForce = locks.map((row) => stored(`lock ${row.id}`, () => Lock.parse(row)));
    if (locksVersion === this.#locksVersion) this.#locks = inForce;
    return loaded;
  }

  /** The lists of the configuration are login rules like any other, so that they bind on every channel. */
  #configuredRules(): readonly LoginRuleInput[] {
    const { allowUsers, blockUsers } = this.#options.ssh;
    const rule = (name: string, users: readonly string[], action: 'block' | 'allow'): LoginRuleInput => ({
      name,
      priority: 1,
      users: [...users],
      groups: [],
      addresses: [],
      action,
    });
    return [
      ...(blockUsers.length === 0 ? [] : [rule('ssh.blockUsers', blockUsers, 'block')]),
      ...(allowUsers.length === 0 ? [] : [rule('ssh.allowUsers', allowUsers, 'allow')]),
    ];
  }
}

/** A row nobody can read must not be skipped: it might be the one that refuses. */
function stored<T>(what: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new PortcullisError('E_STATE', `The stored ${what} cannot be read; correct or delete it.`, {
      cause: error,
    });
  }
}
