import type { Config } from '#config/config.ts';
import type { GuardLimits } from '#responder/actions/action-context.ts';

/** What the guards of automatic actions go by. */
export function guardLimits({ detection, ssh, http }: Config): GuardLimits {
  const { breakGlassUsers, breakGlassAddresses, lockoutsPer10Minutes } = detection;
  return {
    breakGlassUsers,
    breakGlassAddresses,
    lockoutsPer10Minutes,
    trustedProxies: [...ssh.trustedProxies, ...http.trustedProxies],
  };
}
