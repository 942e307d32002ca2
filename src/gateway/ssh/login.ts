import type { Connection } from 'ssh2';
import type { Language } from '#contract/resources/user.ts';
import type { SecondFactorState } from '#identity/login-attempt.ts';

/** How a person proved who they are. */
export type LoginMethod = 'password' | 'keyboard-interactive' | 'publickey';

/** What the user name asked for besides the user: `alice@root@web01`. A wish, never a permission. */
export interface LoginTarget {
  readonly asset: string;
  readonly account: string;
}

/**
 * A person who is logged in, on one connection. Its `login.succeeded` event is durable before this exists;
 * its `login.ended` event is published by whoever made it, when the connection is gone.
 */
export interface Login {
  readonly id: string;
  readonly userId: string;
  readonly username: string;
  /** Display name. */
  readonly name: string;
  readonly groups: readonly string[];
  readonly kind: 'person' | 'service';
  readonly language: Language;
  /** The client's own address and port, also behind a trusted proxy. */
  readonly address: string;
  readonly port: number;
  readonly method: LoginMethod;
  /** `SHA256:…` of the key that was proved, null for passwords. */
  readonly keyFingerprint: string | null;
  /** Becomes `given` when the person sets one up on this connection. */
  secondFactor: SecondFactorState;
  /** What the client calls itself, printable ASCII, at most 255 characters; hostile text all the same. */
  readonly clientSoftware: string;
  readonly target: LoginTarget | null;
  readonly connection: Connection;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  /** Aborts when the connection is gone, for whatever reason. */
  readonly closed: AbortSignal;
  /** Why the connection will end, for `login.ended`. The first reason given stays. */
  noteEnd(reason: string): void;
}

/** What happens after login. */
export interface LoginHandler {
  /**
   * Called synchronously when authentication succeeded. Attaches every handler to `login.connection` before it
   * returns: ssh2 refuses what arrives while nobody listens.
   */
  accept(login: Login): void;
  /**
   * The gateway stops, and nobody new logs in: ends what was handed over, in its own good order. Connections that
   * are still there afterwards are cut.
   */
  drain?(): Promise<void>;
}
