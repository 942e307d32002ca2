import type { Role } from '#contract/resources/user.ts';

/** Who makes a request, after it was authenticated and no lock or login rule refused it. */
export interface Caller {
  /** Name of the user, or `local` for whoever may open the administrator's socket. */
  readonly name: string;
  /** Null for the local administrator, who is no user. */
  readonly userId: string | null;
  readonly roles: readonly Role[];
  readonly address: string;
  /** When the credential ends by itself; null when it does not. */
  readonly credentialExpiresAt: number | null;
}

/** The owner of the data folder: who can open its socket could as well edit the files beside it. */
export const LOCAL_ADMINISTRATOR: Caller = {
  name: 'local',
  userId: null,
  roles: ['admin'],
  address: 'local',
  credentialExpiresAt: null,
};

export function isAdmin(caller: Caller): boolean {
  return caller.roles.includes('admin');
}

/** May see what belongs to others. */
export function isReader(caller: Caller): boolean {
  return caller.roles.some((role) => role !== 'user');
}

/** Where the caller is, for the audit trail; nothing for the administrator's socket, which has no address. */
export function addressOf(caller: Pick<Caller, 'address'>): { readonly address?: string } {
  return caller.address === 'local' ? {} : { address: caller.address };
}

/** May end sessions and lock. */
export function mayRespond(caller: Caller): boolean {
  return caller.roles.some((role) => role === 'admin' || role === 'responder');
}
