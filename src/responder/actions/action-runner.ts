import { isPortcullisError } from '#contract/errors.ts';
import { isActionName, type ActionName } from '#domain/playbook/playbook.ts';
import { growingPauseMs } from '#lib/growing-pause.ts';
import type { Logger } from '#lib/log.ts';
import type { ActionRow } from '#state/schema.ts';
import type { ActionContext, ClaimedAction } from './action-context.ts';
import type { ActionOutbox } from './action-outbox.ts';
import type { ActionOutcome } from './action-states.ts';
import { executorFor } from './executors.ts';

/** What the action would do, by its own words; changes nothing. */
export function dryRun(name: ActionName, row: ActionRow, context: ActionContext): Promise<ActionOutcome> {
  return executorFor(name, row)({ row: { ...row, mode: 'shadow' }, wasInterrupted: false }, context);
}

const TRIES = 10;
const PAUSES = { firstMs: 200, longestMs: 60_000 };
/** Playbook runs at a time: people in trouble do not wait for each other. */
const PARALLEL = 16;

export interface ActionRunnerOptions {
  readonly outbox: ActionOutbox;
  readonly context: ActionContext;
  readonly logger: Logger;
  /** After each action: the next step may be due. */
  readonly onFinished: () => void;
}

/** Works off the outbox: steps of one playbook run in order, different runs side by side. */
export class ActionRunner {
  readonly #options: ActionRunnerOptions;
  readonly #running = new Map<string, Promise<void>>();

  constructor(options: ActionRunnerOptions) {
    this.#options = options;
  }

  /** Begins what is due and not under way; does not wait for it, so a slow action delays no other. */
  async begin(): Promise<void> {
    const due = (await this.#options.outbox.due()).filter((row) => !this.#running.has(row.id));
    for (const row of due.slice(0, PARALLEL - this.#running.size)) {
      const run = this.#run(row).finally(() => {
        this.#running.delete(row.id);
        this.#options.onFinished();
      });
      this.#running.set(row.id, run);
    }
  }

  /** Resolves when what is under way has ended. */
  async settled(): Promise<void> {
    await Promise.all(this.#running.values());
  }

  async #run(row: ActionRow): Promise<void> {
    const { outbox, logger } = this.#options;
    try {
      const claimed = await outbox.claim(row);
      if (claimed === undefined) return;
      await outbox.finish(claimed, await this.#execute(claimed));
    } catch (error) {
      // The lease runs out and the action is taken up again.
      logger.error({ err: error, action: row.id }, 'the outcome of an action could not be stored');
    }
  }

  async #execute(claimed: ClaimedAction): Promise<ActionOutcome> {
    const { context, logger } = this.#options;
    const { row } = claimed;
    try {
      if (!isActionName(row.action))
        return { state: 'failed', result: { summary: `there is no action ${row.action} in this version` } };
      return await executorFor(row.action, row)(claimed, context);
    } catch (error) {
      logger.error({ err: error, action: row.id, name: row.action }, 'an action failed');
      const summary = error instanceof Error ? error.message : String(error);
      const isFinal = isPortcullisError(error) && error.code === 'E_UNSUPPORTED';
      if (isFinal || row.attempts >= TRIES) return { state: 'failed', result: { summary } };
      return {
        state: 'retrying',
        notBefore: context.clock() + growingPauseMs(row.attempts, PAUSES),
        result: { summary },
      };
    }
  }
}
