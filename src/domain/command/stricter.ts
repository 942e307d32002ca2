import type { CommandJudgement } from './verdict.ts';

const SEVERITY: Readonly<Record<CommandJudgement['verdict'], number>> = { deny: 2, warn: 1, allow: 0 };

/** The first of two judgements on the same line, unless the second is stricter. */
export function stricter(left: CommandJudgement, right: CommandJudgement): CommandJudgement {
  return SEVERITY[right.verdict] > SEVERITY[left.verdict] ? right : left;
}
