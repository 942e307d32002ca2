/**
 * The pipeline worker: archiver, detector and responder on a thread of their own, so that bulk work never
 * delays a keystroke.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { startArchiver } from '#archive/archiver.ts';
import { isPortcullisError } from '#contract/errors.ts';
import { connectControl } from '#control/over-port.ts';
import { startDetector } from '#detector/detector.ts';
import { loadPlaybooks, loadRules } from '#detector/load-content.ts';
import { Ticker } from '#detector/ticker.ts';
import { newId } from '#lib/ids.ts';
import { createLogger } from '#lib/log.ts';
import { sendNotice, serveRpc } from '#lib/rpc.ts';
import { Secret } from '#lib/secret.ts';
import { systemClock } from '#lib/time.ts';
import { createLockService } from '#responder/locks/lock-service.ts';
import { startResponder } from '#responder/responder.ts';
import { connectStorage } from '../storage/connect.ts';
import { openMail } from '../serve/mail.ts';
import { composeRecovery } from '../serve/recovery.ts';
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
    await connectStorage({ port: data.storagePort, logger, stateUrl: data.stateUrl ?? undefined }),
  );
  const { state, stream } = storage;
  const control = connectControl(data.controlPort);
  stack.defer(() => data.controlPort.close());
  const locks = createLockService({ state, stream, control, clock });
  const mailer = await openMail(config, data.mailPassword === null ? null : new Secret(data.mailPassword));
  const recovery = composeRecovery({ config, state, stream, control, locks, mailer, clock });

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
    mailer,
    recovery,
    limits: config.detection,
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
  });
  stack.use(new Ticker({ stream, clock, newId, logger }));

  serveRpc(parent, {
    pipelineStatus: () => {
      const { position, trouble } = archiver.status();
      return { detector: detector.status(), archiver: { position, problem: trouble ?? null } };
    },
    pipelineWake: () => responder.wake(),
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
