import type { Lock } from '#contract/resources/lock.ts';
import type { GatewayNode, LiveSession, TerminateOrder } from '#control/control.ts';
import { isLockInForce, lockMatches } from '#domain/access/locks.ts';

/** A gateway that holds sessions and nothing else: what containment has to end. */
export class SessionsNode implements GatewayNode {
  readonly name = 'gateway-1';
  /** Every order that cut somebody, in order. */
  readonly cuts: string[] = [];
  #sessions: LiveSession[] = [];
  #locks: readonly Lock[] = [];
  #opened = 0;

  /** Opens a session, as policy allows. False when a lock refuses it. */
  open(username: string, asset = 'web01', address = '203.0.113.7'): boolean {
    const session: LiveSession = {
      id: `session-${++this.#opened}`,
      state: 'active',
      userId: username,
      username,
      groups: [],
      address,
      port: 50_000 + this.#opened,
      keyFingerprint: null,
      asset,
      account: 'root',
      protocol: 'ssh',
      startedAt: Date.now(),
      channels: ['shell'],
    };
    if (this.#locks.some((lock) => isLockInForce(lock, Date.now()) && hits(lock, session))) return false;
    this.#sessions.push(session);
    return true;
  }

  sessions(): readonly LiveSession[] {
    return this.#sessions;
  }

  terminate(order: TerminateOrder): Promise<readonly LiveSession[]> {
    return this.#cut(
      (session) => order.ids?.includes(session.id) === true || session.username === order.username,
    );
  }

  applyLocks(locks: readonly Lock[]): Promise<readonly LiveSession[]> {
    this.#locks = locks;
    return this.#cut((session) => locks.some((lock) => lock.mode === 'cut' && hits(lock, session)));
  }

  #cut(which: (session: LiveSession) => boolean): Promise<readonly LiveSession[]> {
    const cut = this.#sessions.filter(which);
    this.#sessions = this.#sessions.filter((session) => !which(session));
    this.cuts.push(...cut.map((session) => session.id));
    return Promise.resolve(cut);
  }
}

function hits(lock: Lock, session: LiveSession): boolean {
  return lockMatches(lock, { ...session, session: session.id });
}
