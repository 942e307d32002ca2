import type { Messages } from '../messages.ts';
import { failureMessage, UpstreamFailure } from '../upstream/failure.ts';
import type { EndReason } from './session-rows.ts';

/** What could not be done when a channel was to be opened, apart from the way to the asset. */
export type OpenStep = 'state' | 'stream' | 'recording';

export class OpenFailure extends Error {
  override readonly name = 'OpenFailure';
  readonly step: OpenStep;

  constructor(step: OpenStep, cause: unknown) {
    super(`opening failed at the ${step}`, { cause });
    this.step = step;
  }
}

/** Runs a step and names it when it fails. */
export async function during<T>(step: OpenStep, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new OpenFailure(step, error);
  }
}

/** How a failure is told: to the person, in the audit trail, and as the end of the session. */
export interface FailureReport {
  readonly code: string;
  readonly message: string;
  readonly endReason: EndReason;
  /** True when it is nobody's doing outside of the gateway. */
  readonly internal: boolean;
}

export function reportFailure(
  error: unknown,
  messages: Messages,
  asset: string,
  account: string,
): FailureReport {
  if (error instanceof UpstreamFailure) {
    const message = failureMessage(messages, error.code, asset, account);
    return { code: error.code, message, endReason: 'connect', internal: error.code === 'vault_failed' };
  }
  if (!(error instanceof OpenFailure))
    return { code: 'internal', message: messages.stateUnavailable(), endReason: 'connect', internal: true };
  switch (error.step) {
    case 'state':
      return {
        code: 'state_unavailable',
        message: messages.stateUnavailable(),
        endReason: 'connect',
        internal: true,
      };
    case 'stream':
      return {
        code: 'stream_unavailable',
        message: messages.streamUnavailable(),
        endReason: 'stream',
        internal: true,
      };
    case 'recording':
      return {
        code: 'recording_unavailable',
        message: messages.recordingUnavailable(),
        endReason: 'recording',
        internal: true,
      };
    default:
      return error.step satisfies never;
  }
}
