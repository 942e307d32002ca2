import type { Config } from '#config/config.ts';
import type { Secrets } from '#config/secrets.ts';

/** The address of the state database with its password in it, or null for the embedded one. */
export function stateUrl(config: Config, secrets: Secrets): string | null {
  if (config.state.url === null) return null;
  const url = new URL(config.state.url);
  if (secrets.statePassword !== null) url.password = encodeURIComponent(secrets.statePassword.expose());
  return url.toString();
}
