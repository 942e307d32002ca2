import type { Problem } from '#contract/errors.ts';
import type { CommandRuleInput } from '#contract/resources/command-rule.ts';
import type { CommandGroup } from './schema.ts';
import type { Selected, Selection } from './selection.ts';

/** One list of commands with what happens to them, of whatever version. */
export interface Source {
  /** For messages. */
  readonly origin: string;
  /** What the rule is called after. */
  readonly nameParts: readonly string[];
  readonly priority: number;
  readonly verdict: CommandRuleInput['verdict'];
  readonly message?: string;
  readonly who: Readonly<Record<Selected, Selection>>;
  readonly group: CommandGroup;
  readonly notes: readonly string[];
}

/** Collects what is to be told about single items. */
export class Report {
  readonly warnings: Problem[] = [];
  readonly errors: Problem[] = [];

  warn(path: string, message: string): void {
    this.warnings.push({ path, message });
  }

  refuse(path: string, message: string): void {
    this.errors.push({ path, message });
  }
}

/** JumpServer at one priority: reject, review, notify_and_warn, warning, accept. */
const ACTIONS: Readonly<Record<string, CommandRuleInput['verdict']>> = {
  reject: 'deny',
  review: 'deny',
  notify_and_warn: 'warn',
  warning: 'warn',
  accept: 'allow',
};
const REVIEW_MESSAGE = 'This command needs a review, which cannot be given here.';

/** What the verdict of an action is; undefined when it is none that is known. */
export function verdictOf(
  action: string,
  hasReviewers: boolean,
): Pick<Source, 'verdict' | 'message' | 'notes'> | undefined {
  const verdict = Object.hasOwn(ACTIONS, action) ? ACTIONS[action] : undefined;
  if (verdict === undefined) return undefined;
  const notes = [
    ...(action === 'review' ? ['nobody can be asked for a review here, so it is denied'] : []),
    ...(action === 'notify_and_warn'
      ? ['the person is not asked first: it runs, and an event tells of it']
      : []),
    ...(hasReviewers ? ['reviewers are not told by the rule; a detection rule can send mail'] : []),
  ];
  return { verdict, notes, ...(action === 'review' ? { message: REVIEW_MESSAGE } : {}) };
}
