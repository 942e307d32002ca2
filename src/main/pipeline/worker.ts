/**
 * The pipeline worker: archiver, detector and responder on a thread of their own, so that bulk work never
 * delays a keystroke.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { startArchiver } from '#archive/archiver.ts';
import { isPortcullisError } from '#contract/errors.ts';
import { connectControl } from '#control/over-port.ts';
import { diskFloors } from '#config/disk-floors.ts';
import { startDetector } from '#detector/detector.ts';
import { loadPlaybooks, loadRules } from '#detector/load-content.ts';
import { Ticker } from '#detector/ticker.ts';
import { createZone } from '#domain/syslog/zone.ts';
import { explainLines } from '#intake/explain-lines.ts';
import { importLines } from '#intake/import-lines.ts';
import { startIntake } from '#intake/intake.ts';
import { Sources } from '#intake/sources/sources.ts';
import { openTypeFolders } from '#intake/type-folders.ts';
import { newId } from '#lib/ids.ts';
import { createLogger } from '#lib/log.ts';
import { sendNotice, serveRpc } from '#lib/rpc.ts';
import { Secret } from '#lib/secret.ts';
import { systemClock } from '#lib/time.ts';
import { openConnectors } from '#responder/connectors/open-connectors.ts';
import { createLockService } from '#responder/locks/lock-service.ts';
import { resumeRecoveries } from '#responder/recovery/go-on.ts';
import { startResponder } from '#responder/responder.ts';
import { connectStorage } from '../storage/connect.ts';
import { guardLimits } from '../serve/guard-limits.ts';
import { openMail } from '../serve/mail.ts';
import { PIPELINE_FAILED, PIPELINE_READY, type PipelineCalls, type PipelineData } from './calls.ts';
import { requireEvidenceOutlasts } from './evidence-window.ts';

if (parentPort === null) throw new Error('the pipeline worker is started by the main thread');
const parent = parentPort;
const data = workerData as PipelineData;

async function start(): Promise<void> {
  const { config, node } = data;
  const logger = createLogger(config.logLevel).child({ worker: 'pipeline' });
  const clock = systemClock;
  const { timeZone, modes } = config.detection;
  const rules = await loadRules(data.ruleFolders, { timeZone, modes: new Map(Object.entries(modes)) });
  requireEvidenceOutlasts(rules.rules.values(), config.retention.journalMs);
  const playbooks = await loadPlaybooks(data.playbookFolders);

  const stack = new AsyncDisposableStack();
  const storage = stack.use(
    await connectStorage({
      port: data.storagePort,
      logger,
      stateUrl: data.stateUrl ?? undefined,
      readsWhatItPublishes: true,
    }),
  );
  const { state, stream } = storage;
  const control = connectControl(data.controlPort);
  stack.defer(() => data.controlPort.close());
  const locks = createLockService({ state, stream, control, clock });
  const mailer = await openMail(config, data.mailPassword === null ? null : new Secret(data.mailPassword));
  const connectors = await openConnectors(
    config,
    new Map([...data.connectorSecrets].map(([name, one]) => [name, new Secret(one)])),
  );
  const recovery = {
    resume: () =>
      resumeRecoveries({
        state,
        control,
        mailer,
        publicUrl: config.http.publicUrl,
        linkLifetimeMs: config.recovery.linkLifetimeMs,
        clock,
      }),
  };

  const stopping = new AbortController();
  const { signal } = stopping;
  const archiver = startArchiver({
    stream,
    connection: { ...data.archive, password: new Secret(data.archive.password) },
    retentionMs: config.retention.eventsMs,
    logger,
    signal,
  });
  stack.use(archiver);
  const responder = startResponder({
    state,
    control,
    locks,
    connectors,
    mailer,
    recovery,
    limits: guardLimits(config),
    clock,
    logger,
    signal,
    node,
  });
  const detector = startDetector({
    state,
    stream,
    rules,
    playbooks,
    clock,
    logger,
    signal,
    quietMs: config.detection.quietMs,
    onPlanned: () => responder.wake(),
    onForeignChange: (realm) => responder.lookAtRealm(realm),
  });
  stack.use(new Ticker({ stream, clock, newId, logger }));

  const types = stack.use(
    await openTypeFolders({
      folders: data.logSourceFolders,
      newId,
      onReload: (problems) => {
        for (const problem of problems) logger.error(problem, 'a log source type stays as it was');
      },
    }),
  );
  const sources = new Sources({ state, clock });
  const zone = createZone(config.intake.zone);
  if (zone === undefined) throw new Error('the zone was not checked');
  // Last, so that what comes in finds everything ready; it also ends first.
  const intake = stack.use(
    await startIntake({
      config: config.intake,
      dataDir: config.dataDir,
      minimumFreeBytes: diskFloors(config.retention.reserveBytes).intakeBytes,
      stream,
      sources,
      normalise: types.normalise,
      clock,
      newId,
      logger,
    }),
  );

  serveRpc(parent, {
    pipelineStatus: () => {
      const { position, trouble } = archiver.status();
      return {
        detector: detector.status(),
        archiver: { position, problem: trouble ?? null },
        intake: intake.status(),
      };
    },
    pipelineWake: () => responder.wake(),
    pipelineSourcesChanged: () => sources.reload(),
    pipelineExplain: (request) =>
      explainLines(request, { types: types.types, sources, zone, nowMs: clock() }),
    pipelineImport: (batch) => importLines(batch, { types: types.types, stream, zone, nowMs: clock() }),
    pipelineStop: async () => {
      stopping.abort();
      await Promise.all([detector.done, responder.done]);
      await stack.disposeAsync();
      setImmediate(() => parent.close());
    },
  } satisfies PipelineCalls);
  sendNotice(parent, PIPELINE_READY, null);
}

try {
  await start();
} catch (error) {
  const known = isPortcullisError(error)
    ? { code: error.code, message: error.message, problems: error.problems }
    : {
        code: 'E_INTERNAL',
        message: error instanceof Error ? (error.stack ?? error.message) : String(error),
        problems: [],
      };
  sendNotice(parent, PIPELINE_FAILED, known);
  parent.close();
}
