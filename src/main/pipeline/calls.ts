import type { MessagePort } from 'node:worker_threads';
import type { Config } from '#config/config.ts';
import type { ExplainedLine, ExplainRequest } from '#intake/explain-lines.ts';
import type { HistoryBatch, HistoryCounts } from '#intake/import-lines.ts';
import type { IntakeStatus } from '#intake/status.ts';

/** What the pipeline worker is started with. Everything crosses by structured clone or transfer. */
export interface PipelineData {
  readonly config: Config;
  readonly storagePort: MessagePort;
  readonly controlPort: MessagePort;
  readonly stateUrl: string | null;
  readonly archive: { readonly url: string; readonly username: string; readonly password: string };
  /** Token or key of each connector, by its name. */
  readonly connectorSecrets: ReadonlyMap<string, string>;
  readonly mailPassword: string | null;
  readonly ruleFolders: readonly string[];
  readonly playbookFolders: readonly string[];
  readonly logSourceFolders: readonly string[];
  /** Who holds leases of actions: stable over restarts. */
  readonly node: string;
}

export interface PipelineStatus {
  readonly detector: { readonly position: number; readonly problem: string | null };
  readonly archiver: { readonly position: number; readonly problem: string | null };
  readonly intake: IntakeStatus;
}

export type PipelineCalls = {
  readonly pipelineStatus: () => PipelineStatus;
  /** An action was approved: look at once. */
  readonly pipelineWake: () => void;
  /** Somebody changed the log sources. */
  readonly pipelineSourcesChanged: () => Promise<void>;
  /** What the log source types in force make of lines. */
  readonly pipelineExplain: (request: ExplainRequest) => readonly ExplainedLine[];
  /** Stores lines of a file as history. */
  readonly pipelineImport: (batch: HistoryBatch) => Promise<HistoryCounts>;
  /** Ends everything; what is under way is finished first. */
  readonly pipelineStop: () => Promise<void>;
};

/** Notice from the worker when it is ready. */
export const PIPELINE_READY = 'pipeline-ready';
/** Notice when it could not start: `{ name, message, code?, problems? }`. */
export const PIPELINE_FAILED = 'pipeline-failed';
