import { randomBytes } from 'node:crypto';
import type { EventRecord } from '#contract/event.ts';
import type { ConnectorReport } from '#contract/resources/connector.ts';
import { usernameIn } from '#domain/playbook/person-name.ts';
import { ConnectorError } from '../connector-error.ts';
import type { Connector, ForeignSelf, ForeignSession, ForeignUser } from '../connector.ts';
import { checkBastion } from './check.ts';
import type { ApiCall, ApiClient } from './client.ts';
import { listAll } from './list.ts';
import { ROOT, StandingReader } from './organisations.ts';
import { findUser, readUser, setActive } from './people.ts';
import { CommandItem, readAs, SessionItem, UserItem, WebSessionItem } from './shapes.ts';

export interface BastionOptions {
  readonly name: string;
  readonly url: string;
  readonly version: 'auto' | 2 | 3 | 4;
  readonly organisations: 'all' | readonly string[];
  readonly breakGlassUsers: readonly string[];
  readonly client: ApiClient;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  readonly clock: () => number;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** A JumpServer, version 2 to 4, through its API. */
export class JumpServerBastion implements Connector {
  readonly kind = 'jumpserver';
  readonly name: string;
  readonly url: string;
  readonly breakGlassUsers: readonly string[];
  readonly #client: ApiClient;
  readonly #standing: StandingReader;
  readonly #clock: () => number;

  constructor(options: BastionOptions) {
    this.name = options.name;
    this.url = options.url;
    this.breakGlassUsers = options.breakGlassUsers;
    this.#client = options.client;
    this.#standing = new StandingReader(options.client, options, options.now);
    this.#clock = options.clock;
  }

  async self(signal: AbortSignal): Promise<ForeignSelf> {
    const { profile } = await this.#standing.read(signal);
    return { id: profile.id, username: profile.username };
  }

  async findUser(username: string, signal: AbortSignal): Promise<ForeignUser | null> {
    const { organisations } = await this.#standing.read(signal);
    return findUser(this.#client, username, organisations, signal);
  }

  readUser(user: Pick<ForeignUser, 'id' | 'organisation'>, signal: AbortSignal): Promise<ForeignUser | null> {
    return readUser(this.#client, user, signal);
  }

  setActive(user: ForeignUser, isActive: boolean, signal: AbortSignal): Promise<ForeignUser> {
    return setActive(this.#client, user, isActive, signal);
  }

  async sessions(user: ForeignUser, signal: AbortSignal): Promise<readonly ForeignSession[]> {
    const { organisations } = await this.#standing.read(signal);
    const lists = await Promise.all(
      organisations.map(async (organisation) => {
        const items = await listAll(this.#client, SessionItem, {
          path: 'terminal/sessions/',
          query: { user_id: user.id, is_finished: 'false' },
          organisation,
          signal,
        });
        // A server that does not know the filter gives everybody's: those are not ours to end.
        return items
          .filter((item) => item.user_id === user.id && !item.is_finished)
          .map((item) => sessionOf(item, organisation));
      }),
    );
    return [...new Map(lists.flat().map((session) => [session.id, session])).values()];
  }

  async killSessions(sessions: readonly ForeignSession[], signal: AbortSignal): Promise<void> {
    const byOrganisation = Map.groupBy(sessions, (session) => session.organisation);
    for (const [organisation, group] of byOrganisation)
      await this.#act({
        method: 'POST',
        path: 'terminal/tasks/kill-session/',
        body: group.map(({ id }) => id),
        organisation,
        signal,
      });
  }

  async endWebSessions(user: ForeignUser, signal: AbortSignal): Promise<number | null> {
    const path = 'audits/user-sessions/';
    const { version } = await this.#standing.read(signal);
    if (version === 2) return null;
    const { organisation } = user;
    const items = await listAll(this.#client, WebSessionItem, {
      path,
      query: { user: user.id },
      organisation,
      signal,
    }).catch((error: unknown) => {
      if (error instanceof ConnectorError && error.failure === 'not-found') return null;
      throw error;
    });
    if (items === null) return null;
    const theirs = items.filter((item) => typeof item.user === 'object' && item.user?.id === user.id);
    if (theirs.length === 0) return 0;
    await this.#act({
      method: 'POST',
      path: `${path}offline/`,
      body: { ids: theirs.map(({ id }) => id) },
      organisation,
      signal,
    });
    return theirs.length;
  }

  async hasOtherAdministrator(user: ForeignUser, signal: AbortSignal): Promise<boolean | null> {
    const { profile, organisations } = await this.#standing.read(signal);
    const places = organisations.includes(ROOT) ? [ROOT] : organisations;
    try {
      for (const organisation of places) {
        const items = await listAll(this.#client, UserItem, { path: 'users/users/', organisation, signal });
        const isThere = items.some(
          (one) =>
            one.is_superuser &&
            one.is_active &&
            !one.is_service_account &&
            one.id !== user.id &&
            // Our own account lets nobody in who could look.
            one.id !== profile.id,
        );
        if (isThere) return true;
      }
      return false;
    } catch (error) {
      if (error instanceof ConnectorError && error.failure === 'protocol') return null;
      throw error;
    }
  }

  async corroborates(event: EventRecord, user: ForeignUser, signal: AbortSignal): Promise<boolean> {
    const { session, command } = event;
    if (session === undefined || !UUID.test(session)) return false;
    const { organisations } = await this.#standing.read(signal);
    for (const organisation of organisations) {
      const item = await this.#session(session, organisation, signal);
      if (item !== null) return item.id === session.toLowerCase() && item.user_id === user.id;
    }
    if (command === undefined) return false;
    for (const organisation of organisations) {
      const items = await listAll(this.#client, CommandItem, {
        path: 'terminal/commands/',
        query: { session_id: session },
        organisation,
        signal,
      });
      // The record holds the beginning of a long line, and both its names.
      const isKnown = items.some(
        (one) =>
          one.session === session &&
          one.input !== '' &&
          command.startsWith(one.input) &&
          usernameIn(one.user) === user.username,
      );
      if (isKnown) return true;
    }
    return false;
  }

  async resetPassword(user: ForeignUser, signal: AbortSignal): Promise<void> {
    const { organisation } = user;
    // Newer versions leave the old password valid until the person has set another: it ends here.
    await this.#act({
      method: 'PATCH',
      path: `users/users/${user.id}/password/`,
      body: { password: unguessable() },
      organisation,
      signal,
    });
    await this.#act({
      method: 'PATCH',
      path: `users/users/${user.id}/password/reset/`,
      body: {},
      organisation,
      signal,
    });
  }

  async resetMfa(user: ForeignUser, signal: AbortSignal): Promise<void> {
    // It acts although it is a GET, so it is not tried again like one.
    const reset = (path: string): Promise<void> =>
      this.#act({
        method: 'GET',
        path: `users/users/${user.id}/${path}/reset/`,
        organisation: user.organisation,
        signal,
      });
    await reset('mfa').catch((error: unknown) => {
      // Version 2 had it elsewhere before 2.16.
      if (error instanceof ConnectorError && error.failure === 'not-found') return reset('otp');
      throw error;
    });
  }

  unblock(user: ForeignUser, signal: AbortSignal): Promise<void> {
    return this.#act({
      method: 'PATCH',
      path: `users/users/${user.id}/unblock/`,
      body: {},
      organisation: user.organisation,
      signal,
    });
  }

  check(signal: AbortSignal): Promise<ConnectorReport> {
    const { name, kind, url } = this;
    return checkBastion(
      { name, kind, url },
      { client: this.#client, standing: this.#standing, clock: this.#clock },
      signal,
    );
  }

  close(): void {
    this.#client.close();
  }

  async #act(asked: Omit<ApiCall, 'isLook'>): Promise<void> {
    await this.#client.call({ ...asked, isLook: false });
  }

  async #session(id: string, organisation: string, signal: AbortSignal): Promise<SessionItem | null> {
    const path = `terminal/sessions/${id.toLowerCase()}/`;
    try {
      const { body } = await this.#client.call({ method: 'GET', path, organisation, signal, isLook: true });
      return readAs(SessionItem, body, path);
    } catch (error) {
      if (error instanceof ConnectorError && error.failure === 'not-found') return null;
      throw error;
    }
  }
}

function sessionOf(item: SessionItem, listedIn: string): ForeignSession {
  const { org_id: organisation } = item;
  return {
    id: item.id,
    organisation:
      organisation === undefined || organisation === null || organisation === '' ? listedIn : organisation,
    asset: item.asset ?? null,
    account: item.account ?? item.system_user ?? null,
    address: item.remote_addr ?? '',
    protocol: item.protocol ?? '',
  };
}

/** Fits every password policy there, and nobody knows it. */
function unguessable(): string {
  return `${randomBytes(30).toString('base64url')}-aA1!`;
}
