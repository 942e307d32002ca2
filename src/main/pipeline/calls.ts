import type { MessagePort } from 'node:worker_threads';
import type { Config } from '#config/config.ts';

/** What the pipeline worker is started with. Everything crosses by structured clone or transfer. */
export interface PipelineData {
  readonly config: Config;
  readonly storagePort: MessagePort;
  readonly controlPort: MessagePort;
  readonly stateUrl: string | null;
  readonly archive: { readonly url: string; readonly username: string; readonly password: string };
  readonly mailPassword: string | null;
  readonly ruleFolders: readonly string[];
  readonly playbookFolders: readonly string[];
  /** Who holds leases of actions: stable over restarts. */
  readonly node: string;
}

export interface PipelineStatus {
  readonly detector: { readonly position: number; readonly problem: string | null };
  readonly archiver: { readonly position: number; readonly problem: string | null };
}

export type PipelineCalls = {
  readonly pipelineStatus: () => PipelineStatus;
  /** An action was approved: look at once. */
  readonly pipelineWake: () => void;
  /** Ends everything; what is under way is finished first. */
  readonly pipelineStop: () => Promise<void>;
};

/** Notice from the worker when it is ready. */
export const PIPELINE_READY = 'pipeline-ready';
/** Notice when it could not start: `{ name, message, code?, problems? }`. */
export const PIPELINE_FAILED = 'pipeline-failed';
