import { PortcullisError } from '#contract/errors.ts';
import type { MailStage } from './mail-stage.ts';

interface MailErrorOptions {
  readonly stage: MailStage;
  readonly unknownOutcome: boolean;
  readonly permanent: boolean;
  readonly cause?: unknown;
}

/** The mail server did not take a mail; says whether it may have taken it all the same. */
export class MailError extends PortcullisError {
  /** How far it had come. */
  readonly stage: MailStage;
  /** The message was under way and no answer came: it may have been delivered. */
  readonly unknownOutcome: boolean;
  /** Trying again the same way cannot help. */
  readonly permanent: boolean;

  constructor(message: string, options: MailErrorOptions) {
    super('E_MAIL', message, options.cause === undefined ? {} : { cause: options.cause });
    this.stage = options.stage;
    this.unknownOutcome = options.unknownOutcome;
    this.permanent = options.permanent;
  }
}

/** The server was silent for too long, or the whole mail took too long. */
export class MailTimeout extends Error {
  override readonly name = 'MailTimeout';
  readonly afterMs: number;

  constructor(afterMs: number) {
    super(`no answer within ${afterMs} ms`);
    this.afterMs = afterMs;
  }
}

/** What was to go over an encrypted connection would have gone over another. */
export class InTheOpenError extends Error {
  override readonly name = 'InTheOpenError';
}
