import { UNREAD } from '#domain/command/reading/read-line.ts';
import type { CommandJudgement } from '#domain/command/verdict.ts';

/** A line that was about to be run, and what was decided. */
export interface JudgedLine {
  /** Empty when it was typed without echo: then it is nobody's business. */
  readonly line: string;
  readonly judgement: CommandJudgement;
  /** Who reads the line: a shell, or something else as far as one can tell. */
  readonly reader: 'shell' | 'unknown';
  /** Screen and keys said different things; both were judged. */
  readonly mismatch: { readonly shown: string; readonly typed: string } | null;
  /** Neither screen nor keys gave a line; the judgement is what the mode says about that. */
  readonly unreadable: boolean;
  readonly hidden: boolean;
}

/** The judgement on a line that was judged with `before` in front of it: its place is told in the line alone. */
export function placedBehind(before: string, judgement: CommandJudgement): CommandJudgement {
  const { span } = judgement;
  if (span === null || before === '') return judgement;
  const [start, end] = [span.start - before.length, span.end - before.length];
  return { ...judgement, span: end <= 0 ? null : { start: Math.max(0, start), end } };
}

/** What was typed unseen may be a password: neither the line nor what was read in it is told. */
export function withoutText(judged: JudgedLine): JudgedLine {
  const { judgement } = judged;
  return {
    ...judged,
    line: '',
    judgement: { ...judgement, span: null, reading: { ...judgement.reading, programs: [] } },
  };
}

/** The judgement on a line that nobody could read. */
export function unreadableLine(verdict: 'allow' | 'deny'): JudgedLine {
  return {
    line: '',
    judgement: {
      verdict,
      rule: null,
      matched: null,
      span: null,
      message: 'The line could not be read.',
      reading: UNREAD,
    },
    reader: 'shell',
    mismatch: null,
    unreadable: true,
    hidden: false,
  };
}
