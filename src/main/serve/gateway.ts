import type { Config } from '#config/config.ts';
import type { ControlHub } from '#control/hub.ts';
import type { PolicyCache } from '#gateway/policy-cache.ts';
import { startSshGateway, type SshGateway } from '#gateway/ssh/front/listener.ts';
import { createSessionManager } from '#gateway/ssh/session/manager.ts';
import type { Authenticator } from '#identity/authenticator.ts';
import type { Logger } from '#lib/log.ts';
import type { Clock, MonotonicClock } from '#lib/time.ts';
import type { Recorder } from '#recording/recorder.ts';
import type { State } from '#state/state.ts';
import type { Stream } from '#stream/stream.ts';
import type { Vault } from '#vault/vault.ts';

export interface GatewayParts {
  readonly node: string;
  readonly config: Config;
  readonly state: State;
  readonly stream: Stream;
  readonly recorder: Recorder;
  readonly vault: Vault;
  readonly control: ControlHub;
  readonly policy: PolicyCache;
  readonly authenticator: Authenticator;
  readonly clock: Clock;
  readonly monotonicClock: MonotonicClock;
  readonly logger: Logger;
}

/** The SSH gateway: front door and sessions. Disposing it refuses new connections first, then ends the old. */
export async function startGateway(parts: GatewayParts): Promise<SshGateway> {
  const { node, config, state, stream, recorder, vault, control, policy, clock, monotonicClock, logger } =
    parts;
  await using stack = new AsyncDisposableStack();
  const sessions = stack.use(
    createSessionManager({
      node,
      state,
      stream,
      recorder,
      vault,
      control,
      policy,
      config: { limits: config.limits, environment: config.ssh.environment },
      clock,
      monotonicClock,
      logger,
    }),
  );
  const gateway = stack.use(
    await startSshGateway({
      listen: config.ssh.listen,
      dataDir: config.dataDir,
      banner: config.ssh.banner,
      limits: config.limits,
      trustedProxies: config.ssh.trustedProxies,
      authenticator: parts.authenticator,
      publish: (events) => stream.publish(events),
      loginHandler: sessions,
      clock,
      logger,
    }),
  );
  const open = stack.move();
  return {
    addresses: gateway.addresses,
    hostKeyLines: gateway.hostKeyLines,
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}
