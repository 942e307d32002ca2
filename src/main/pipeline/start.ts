import { Worker } from 'node:worker_threads';
import { PortcullisError, type ErrorCode, type Problem } from '#contract/errors.ts';
import type { ExplainedLine, ExplainRequest } from '#intake/explain-lines.ts';
import type { HistoryBatch, HistoryCounts } from '#intake/import-lines.ts';
import { connectRpc } from '#lib/rpc.ts';
import {
  PIPELINE_FAILED,
  PIPELINE_READY,
  type PipelineCalls,
  type PipelineData,
  type PipelineStatus,
} from './calls.ts';

export interface Pipeline extends AsyncDisposable {
  status(): Promise<PipelineStatus>;
  /** Something may be due: an action was approved. */
  wake(): void;
  /** Resolves when lines that come from now on are judged by the sources as they are now. */
  sourcesChanged(): Promise<void>;
  explain(request: ExplainRequest): Promise<readonly ExplainedLine[]>;
  importHistory(batch: HistoryBatch): Promise<HistoryCounts>;
}

const STOP_GUARD_MS = 10_000;

/** Starts the pipeline worker. `onFailure` is called when it ends although nobody asked it to. */
export async function startPipeline(
  data: PipelineData,
  onFailure: (error: Error) => void,
): Promise<Pipeline> {
  const worker = new Worker(new URL('worker.ts', import.meta.url), {
    name: 'pipeline',
    execArgv: [],
    workerData: data,
    transferList: [data.storagePort, data.controlPort],
  });
  const rpc = connectRpc<PipelineCalls>(worker);
  const ready = Promise.withResolvers<void>();
  const exited = Promise.withResolvers<void>();
  let stopping = false;
  let isReady = false;
  let failure: unknown;

  rpc.onNotice(PIPELINE_READY, () => {
    isReady = true;
    ready.resolve();
  });
  rpc.onNotice(PIPELINE_FAILED, (described) => {
    const { code, message, problems } = described as {
      code: ErrorCode;
      message: string;
      problems: readonly Problem[];
    };
    ready.reject(new PortcullisError(code, message, { problems }));
  });
  worker.on('error', (error) => {
    failure = error;
  });
  worker.on('exit', () => {
    exited.resolve();
    const error = new PortcullisError(
      'E_UNAVAILABLE',
      'The pipeline worker (archive, detection, response) ended unexpectedly. The log says why; start the server again.',
      {
        cause: failure,
      },
    );
    ready.reject(error);
    if (isReady && !stopping) onFailure(error);
  });
  await ready.promise;

  return {
    status: () => rpc.call.pipelineStatus(),
    sourcesChanged: () => rpc.call.pipelineSourcesChanged(),
    explain: (request) => rpc.call.pipelineExplain(request),
    importHistory: (batch) => rpc.call.pipelineImport(batch),
    wake: () => void rpc.call.pipelineWake().catch(() => undefined),
    async [Symbol.asyncDispose]() {
      stopping = true;
      const guard = setTimeout(() => void worker.terminate(), STOP_GUARD_MS);
      await rpc.call.pipelineStop().catch(() => undefined);
      await exited.promise;
      clearTimeout(guard);
    },
  };
}
