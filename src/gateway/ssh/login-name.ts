import { AccountName, Name } from '#contract/names.ts';
import type { LoginTarget } from './login.ts';

export interface LoginName {
  /** The part that names the user, as typed. */
  readonly user: string;
  readonly target: LoginTarget | null;
}

/**
 * Reads what stands before the gateway's name: `alice`, or `alice@root@web01` (JumpServer's form: user, account,
 * asset; `#` separates as well, for clients that cannot carry `@`). Everything else is one user name, which then
 * nobody has.
 */
export function parseLoginName(typed: string): LoginName {
  const [user, account, asset, ...rest] = typed.split(/[@#]/, 4);
  if (user === undefined || account === undefined || asset === undefined || rest.length > 0) {
    return { user: typed, target: null };
  }
  const isTarget = AccountName.safeParse(account).success && Name.safeParse(asset).success;
  return isTarget ? { user, target: { account, asset } } : { user: typed, target: null };
}
