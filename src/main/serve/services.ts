import type { Archive } from '#archive/archive.ts';
import { createDoctor } from '#api/doctor/doctor.ts';
import type { Services } from '#api/services.ts';
import type { Config } from '#config/config.ts';
import type { Secrets } from '#config/secrets.ts';
import type { Control } from '#control/control.ts';
import type { PolicyCache } from '#gateway/policy-cache.ts';
import type { Authenticator } from '#identity/authenticator.ts';
import type { Passwords } from '#identity/passwords.ts';
import type { Logger } from '#lib/log.ts';
import type { Clock } from '#lib/time.ts';
import type { RecordingStore } from '#recording/store.ts';
import type { RecorderService } from '#recording/writing/create-recorder.ts';
import { ActionService } from '#responder/actions/action-service.ts';
import { openConnectors } from '#responder/connectors/open-connectors.ts';
import { createLockService } from '#responder/locks/lock-service.ts';
import { OffenseService } from '#responder/offenses/offense-service.ts';
import { ConnectorService } from '#responder/realms/connector-service.ts';
import { ActionTrials } from '#responder/trial/action-trials.ts';
import type { State } from '#state/state.ts';
import type { UserDirectory } from '#state/user-reader.ts';
import type { Stream } from '#stream/stream.ts';
import type { KeyedVault } from '#vault/open-vault.ts';
import type { Pipeline } from '../pipeline/start.ts';
import type { ArchiveEngine } from './archive.ts';
import { guardLimits } from './guard-limits.ts';
import { composeMailService, openMail } from './mail.ts';
import { composeRecordings } from './recordings.ts';
import { composeRecovery } from './recovery.ts';

export interface ServiceParts {
  readonly config: Config;
  readonly secrets: Secrets;
  readonly state: State;
  readonly stream: Stream;
  readonly archive: Archive;
  readonly control: Control;
  readonly vault: KeyedVault;
  readonly store: RecordingStore;
  readonly recorder: RecorderService;
  readonly policy: PolicyCache;
  readonly users: UserDirectory;
  readonly passwords: Passwords;
  readonly authenticator: Authenticator;
  readonly pipeline: Pipeline;
  readonly engine: ArchiveEngine;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What the API works with, filled from the parts of the server. */
export async function composeServices(parts: ServiceParts): Promise<Services> {
  const {
    config,
    secrets,
    state,
    stream,
    archive,
    control,
    vault,
    store,
    recorder,
    policy,
    users,
    passwords,
    pipeline,
    clock,
  } = parts;
  const connectors = await openConnectors(config, secrets.connectors);
  const mailer = await openMail(config, secrets.mailPassword);
  const locks = createLockService({ state, stream, control, clock });
  const services: Omit<Services, 'doctor'> = {
    state,
    users,
    stream,
    archive,
    detection: { status: async () => (await pipeline.status()).detector },
    intake: { status: async () => (await pipeline.status()).intake },
    control,
    vault,
    passwords,
    signIn: parts.authenticator,
    webSessions: { idleMs: config.limits.webIdleMs, lifetimeMs: config.limits.webSessionMs },
    policy,
    locks,
    offenses: new OffenseService({ state, stream, clock }),
    actions: new ActionService({ state, clock, onApproved: () => pipeline.wake() }),
    trials: new ActionTrials({
      state,
      control,
      locks,
      connectors,
      mailer,
      limits: guardLimits(config),
      clock,
    }),
    recovery: composeRecovery({
      config,
      state,
      stream,
      control,
      locks,
      mailer,
      vault,
      passwords,
      clock,
    }),
    connectors: new ConnectorService(connectors, locks),
    logSources: {
      changed: () => pipeline.sourcesChanged(),
      explain: (request) => pipeline.explain(request),
      importHistory: (batch) => pipeline.importHistory(batch),
    },
    recordings: composeRecordings({
      state,
      store,
      vault,
      archive,
      signerPublicKey: recorder.signerPublicKey,
    }),
    mail: composeMailService(mailer),
    clock,
  };
  return { ...services, doctor: createDoctor({ config, services }) };
}
