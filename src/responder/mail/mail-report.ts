import type { MailStage } from './mail-stage.ts';

/** One thing that was done on the way to the mail server, or that failed. */
export interface MailStep {
  readonly name: MailStepName;
  readonly isOk: boolean;
  /** For people, one line. */
  readonly detail: string;
}

export type MailStepName = 'connect' | 'greeting' | 'encryption' | 'login' | 'recipients' | 'message';

/** The step that a stage of the dialogue belongs to. */
export const STEP_OF_STAGE: Readonly<Record<MailStage, MailStepName>> = {
  connect: 'connect',
  tls: 'encryption',
  greeting: 'greeting',
  hello: 'encryption',
  starttls: 'encryption',
  login: 'login',
  sender: 'recipients',
  recipient: 'recipients',
  data: 'message',
  message: 'message',
};

/** How far a mail, or a look at the server, came. */
export interface MailReport {
  readonly steps: readonly MailStep[];
  /** The server's last words; null when it was not asked to take a mail, or did not. */
  readonly answer: string | null;
  /** Epoch milliseconds; null without TLS. */
  readonly certificateExpiresAt: number | null;
}
