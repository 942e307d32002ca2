import type { LockSubject } from '#domain/access/locks.ts';
import type { Login } from '../login.ts';
import type { Messages } from '../messages.ts';
import type { AssetSession, AssetSessionOptions } from './asset-session.ts';
import type { GatewayServices } from './services.ts';

export type SessionHooks = Pick<AssetSessionOptions, 'groups' | 'frozen' | 'touched' | 'ended'>;

/** The connection as its channels see it. */
export interface ChannelHost {
  readonly login: Login;
  readonly services: GatewayServices;
  readonly messages: Messages;
  readonly isEnded: boolean;
  readonly isFrozen: boolean;
  touch(): void;
  /** Somebody is in the menu until this is disposed. */
  menuOpened(): Disposable;
  lockSubject(session?: AssetSession): LockSubject;
  /** The session to a target: the open one, or a new one. Undefined once the connection has ended. */
  sessionFor(key: string, make: (hooks: SessionHooks) => AssetSession): AssetSession | undefined;
  openSession(key: string): AssetSession | undefined;
}
