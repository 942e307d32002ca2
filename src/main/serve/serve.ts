import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { openArchive } from '#archive/open-archive.ts';
import { startMetrics } from '#api/metrics.ts';
import { issueSetupLink } from '#api/pages/setup.ts';
import { startApi } from '#api/start-api.ts';
import type { Config } from '#config/config.ts';
import { diskFloors } from '#config/disk-floors.ts';
import type { Secrets } from '#config/secrets.ts';
import { createControl } from '#control/hub.ts';
import { serveControl } from '#control/over-port.ts';
import { PolicyCache } from '#gateway/policy-cache.ts';
import { closeCrashedSessions } from '#gateway/ssh/session/session-rows.ts';
import { createAuthenticator } from '#identity/authenticator.ts';
import { createLoginGuard } from '#identity/login-guard.ts';
import { createSecondFactors } from '#identity/second-factors.ts';
import { createPasswords } from '#identity/passwords.ts';
import type { Logger } from '#lib/log.ts';
import { newId } from '#lib/ids.ts';
import { monotonicClock, systemClock } from '#lib/time.ts';
import { createFolderStore } from '#recording/folder-store.ts';
import { recoverRecordings } from '#recording/keeping/recover.ts';
import { hasSealedSecrets } from '#recording/keeping/sealed-places.ts';
import { createRecorder } from '#recording/writing/create-recorder.ts';
import { locksInForce } from '#responder/locks/lock-row.ts';
import { UserReader } from '#state/user-reader.ts';
import { watchStream } from '#stream/watched-stream.ts';
import { openVault } from '#vault/open-vault.ts';
import { controlFromState } from '../control-from-state.ts';
import { startPipeline } from '../pipeline/start.ts';
import { startStorage } from '../storage/start.ts';
import { openEngine } from './archive.ts';
import { CONTENT } from './content.ts';
import { startGateway } from './gateway.ts';
import { startChores } from './chores.ts';
import { composeServices } from './services.ts';
import { noteStart, noteStop } from './start-stop-events.ts';
import { stateUrl } from './state-url.ts';

export interface ServeOptions {
  readonly config: Config;
  readonly secrets: Secrets;
  readonly version: string;
  readonly logger: Logger;
}

/** A server that is ready. */
export interface RunningServer extends AsyncDisposable {
  /** Where SSH and HTTP listen, `host:port` each. */
  readonly ssh: readonly string[];
  readonly http: readonly string[];
  /** `ssh-ed25519 AAAA…`: how clients know the gateway. */
  readonly hostKeys: readonly string[];
  /** One-time link for the first administrator; null when there is one. */
  readonly setupUrl: string | null;
  /** A connection to state and stream for another thread of this process: see `connectStorage`. */
  newStoragePort(): MessagePort;
  /** Resolves when a part without which the server must not run has ended. */
  readonly failed: Promise<Error>;
}

/** One name for this process in rows and leases; one process owns a data folder, so it may be constant. */
const NODE = 'gateway-1';

/**
 * Starts everything, innermost first. Disposing ends it in the opposite order: first nobody new comes in, then
 * sessions end and their recordings close, then what they told is stored, then the engines stop.
 */
export async function serve({ config, secrets, version, logger }: ServeOptions): Promise<RunningServer> {
  const clock = systemClock;
  const failure = Promise.withResolvers<Error>();
  const fail = (error: Error): void => failure.resolve(error);
  await using stack = new AsyncDisposableStack();

  await mkdir(config.dataDir, { recursive: true, mode: 0o700 });
  // The administrator's socket and the databases are in it: nobody else has business there.
  await chmod(config.dataDir, 0o700);
  const stateAddress = stateUrl(config, secrets);
  const storage = stack.use(
    await startStorage({
      dataDir: config.dataDir,
      logger,
      stateUrl: stateAddress ?? undefined,
      onFailure: fail,
    }),
  );
  const { state } = storage;
  const stream = stack.use(watchStream(storage.stream, { clock, newId, logger }));
  const vault = await openVault({
    keyFile: config.vault.keyFile,
    masterKey: secrets.masterKey ?? undefined,
    createIfMissing: !config.vault.keyFileConfigured && !(await hasSealedSecrets(state)),
  });
  const { afterCrash } = await noteStart(state, clock, version);
  stack.defer(() => noteStop(state, clock));

  // The engine takes half a second to open; what follows does not need it.
  const opening = openEngine(config, secrets, stream, clock, logger);
  opening.catch(() => undefined);
  const store = createFolderStore({ folder: join(config.dataDir, 'recordings') });
  const crashed = await closeCrashedSessions(state, NODE, clock);
  const recovered = await recoverRecordings({ store, vault, state, clock, logger, node: NODE });
  if (afterCrash)
    logger.warn({ sessions: crashed, recordings: recovered }, 'the server had not stopped in good order');
  const engine = stack.use(await opening);
  const recorder = stack.use(
    await createRecorder({
      store,
      vault,
      state,
      stream,
      clock,
      logger,
      minimumFreeBytes: diskFloors(config.retention.reserveBytes).recordingBytes,
    }),
  );
  const { connection } = engine;
  const archive = stack.use(
    await openArchive({ connection, retentionMs: config.retention.eventsMs, logger }),
  );

  const hub = stack.use(createControl({ logger }));
  const control = controlFromState(hub, () => locksInForce(state.reader, clock()));
  await control.tellLocks('portcullis');
  const { port1, port2 } = new MessageChannel();
  serveControl(port1, control);
  stack.defer(() => port1.close());
  const pipeline = stack.use(
    await startPipeline(
      {
        config,
        storagePort: storage.newPort(),
        controlPort: port2,
        stateUrl: stateAddress,
        archive: {
          url: connection.url,
          username: connection.username,
          password: connection.password.expose(),
        },
        connectorSecrets: new Map([...secrets.connectors].map(([name, one]) => [name, one.expose()])),
        mailPassword: secrets.mailPassword?.expose() ?? null,
        ruleFolders: [CONTENT.rules, ...config.detection.rules],
        playbookFolders: [CONTENT.playbooks, ...config.detection.playbooks],
        logSourceFolders: [CONTENT.logSources, ...config.intake.types],
        node: NODE,
      },
      fail,
    ),
  );

  const policy = new PolicyCache({ reader: state.reader, ssh: config.ssh, clock });
  const users = new UserReader(state.reader);
  const passwords = createPasswords();
  const guard = createLoginGuard({ clock: monotonicClock });
  // One for every channel: whoever guesses over SSH is slowed down on the web as well.
  const authenticator = createAuthenticator({
    users,
    passwords,
    guard,
    secondFactors: createSecondFactors({ state, vault, clock, monotonicClock }),
    facts: () => policy.facts(),
  });
  const services = await composeServices({
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
    authenticator,
    pipeline,
    engine,
    clock,
    logger,
  });
  const metrics = stack.use(startMetrics());
  const gateway = stack.use(
    await startGateway({
      node: NODE,
      config,
      state,
      stream,
      recorder,
      vault,
      control: hub,
      policy,
      authenticator,
      clock,
      monotonicClock,
      logger,
    }),
  );
  const api = stack.use(await startApi({ services, config, logger, metrics, version }));
  stack.use(startChores({ config, state, stream, store, archive, pipeline, clock, monotonicClock, logger }));

  const link = await issueSetupLink({ state, clock });
  const base = config.http.publicUrl ?? `http://${api.addresses[0] ?? '127.0.0.1'}`;
  const open = stack.move();
  return {
    ssh: gateway.addresses.map(({ host, port }) =>
      host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`,
    ),
    http: api.addresses,
    hostKeys: gateway.hostKeyLines,
    setupUrl: link === null ? null : `${base}/setup/${link.expose()}`,
    newStoragePort: () => storage.newPort(),
    failed: failure.promise,
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}
