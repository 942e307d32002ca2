import type { Language } from '#contract/resources/user.ts';

export interface OutgoingMail {
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly language: Language | 'both';
  /** What the Message-ID is made of: the same id is the same mail, however often it is tried. */
  readonly id: string;
}
