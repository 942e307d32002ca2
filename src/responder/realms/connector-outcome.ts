import { growingPauseMs } from '#lib/growing-pause.ts';
import type { ActionExecutor } from '../actions/action-context.ts';
import { ConnectorError, type ConnectorFailure } from '../connectors/connector-error.ts';

/** One attempt must be over before its lease is. */
export const ATTEMPT_MS = 45_000;

const TRIES = 12;
const PAUSES = { firstMs: 250, longestMs: 30_000 };

/** Trying again cannot help. */
const FINAL: ReadonlySet<ConnectorFailure> = new Set(['ambiguous', 'refused']);

/**
 * Runs an action and makes an outcome of what a connector reports: tried again, not sooner than the server asks
 * for, until it is clear that a person must look. What was done before is a desired state, so nothing is doubled.
 */
export function tellConnectorError(run: ActionExecutor): ActionExecutor {
  return async (action, context) => {
    try {
      return await run(action, context);
    } catch (error) {
      if (!(error instanceof ConnectorError)) throw error;
      const { attempts, result } = action.row;
      const earlier = result === null ? {} : (JSON.parse(result) as object);
      const { message } = error;
      if (FINAL.has(error.failure) || attempts >= TRIES)
        return {
          state: error.mayHaveActed ? 'unknown' : 'failed',
          result: { ...earlier, summary: `${message}; contain the person there by hand` },
        };
      const pauseMs = growingPauseMs(attempts, PAUSES);
      return {
        state: 'retrying',
        notBefore: context.clock() + Math.max(pauseMs, error.retryAfterMs ?? 0),
        result: { ...earlier, summary: message },
      };
    }
  };
}
