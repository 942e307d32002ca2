import type { EventRecord } from '#contract/event.ts';
import type { ConnectorReport } from '#contract/resources/connector.ts';

/** A person at a foreign bastion, as it tells them now. */
export interface ForeignUser {
  /** Its own id; names may be given anew, ids are not. */
  readonly id: string;
  /** Exactly as it is spelt there. */
  readonly username: string;
  readonly email: string | null;
  readonly isActive: boolean;
  readonly isSuperuser: boolean;
  /** Where the person's password lives: `local`, or the directory, e.g. `ldap`. */
  readonly source: string;
  /** The organisation in which the user was found. */
  readonly organisation: string;
}

/** A session of theirs that has not ended. */
export interface ForeignSession {
  readonly id: string;
  readonly organisation: string;
  readonly asset: string | null;
  readonly account: string | null;
  readonly address: string;
  readonly protocol: string;
}

/** The account that the connector acts as. */
export interface ForeignSelf {
  readonly id: string;
  readonly username: string;
}

/**
 * The hands with which actions reach a foreign bastion. Every operation is a desired state or a look; all throw
 * ConnectorError. The signal ends waiting and retrying, not what has been done.
 */
export interface Connector {
  /** Its realm. */
  readonly name: string;
  readonly kind: string;
  readonly url: string;
  /** Users there that no automatic action may disable. */
  readonly breakGlassUsers: readonly string[];
  self(signal: AbortSignal): Promise<ForeignSelf>;
  /** The one user who is spelt exactly so; null when there is none. */
  findUser(username: string, signal: AbortSignal): Promise<ForeignUser | null>;
  /** The same person as they are now; null when they are gone. */
  readUser(user: Pick<ForeignUser, 'id' | 'organisation'>, signal: AbortSignal): Promise<ForeignUser | null>;
  /** Disables or enables, and reads back. Resolves when it is so; tells what it read. */
  setActive(user: ForeignUser, isActive: boolean, signal: AbortSignal): Promise<ForeignUser>;
  /** Sessions on assets that have not ended, in every organisation. */
  sessions(user: ForeignUser, signal: AbortSignal): Promise<readonly ForeignSession[]>;
  /** Asks for their end. They end some time later: list to see. */
  killSessions(sessions: readonly ForeignSession[], signal: AbortSignal): Promise<void>;
  /** Ends sessions of the web pages; how many there were, or null where the version cannot. */
  endWebSessions(user: ForeignUser, signal: AbortSignal): Promise<number | null>;
  /** True when another active administrator is there; null when it cannot be known. */
  hasOtherAdministrator(user: ForeignUser, signal: AbortSignal): Promise<boolean | null>;
  /** Whether what the event tells is known there: the session or the command exists and is this person's. */
  corroborates(event: EventRecord, user: ForeignUser, signal: AbortSignal): Promise<boolean>;
  /** Ends the old password and has a link mailed with which the person sets a new one. */
  resetPassword(user: ForeignUser, signal: AbortSignal): Promise<void>;
  /** The second factor must be enrolled anew. */
  resetMfa(user: ForeignUser, signal: AbortSignal): Promise<void>;
  /** Clears the counters of failed logins. */
  unblock(user: ForeignUser, signal: AbortSignal): Promise<void>;
  /** Whether all this would work, and what is missing. Changes nothing and does not throw. */
  check(signal: AbortSignal): Promise<ConnectorReport>;
  /** Closes idle connections. */
  close(): void;
}

/** The connectors of this server, by realm. */
export type Connectors = ReadonlyMap<string, Connector>;

export const NO_CONNECTORS: Connectors = new Map();
