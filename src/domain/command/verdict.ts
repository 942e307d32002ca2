import type { CommandRuleInput } from '#contract/resources/command-rule.ts';

/** Who typed it, where: what a command rule selects by. */
export interface CommandScope {
  readonly username: string;
  readonly groups: readonly string[];
  readonly asset: string;
  readonly account: string;
}

/** A program as the shell would run it: name without path or quoting, and its arguments. */
export interface Program {
  readonly name: string;
  readonly args: readonly string[];
  /** Where it stands in the line, UTF-16 offsets. */
  readonly start: number;
  readonly end: number;
}

export interface CommandReading {
  readonly programs: readonly Program[];
  /** What runs is decided at run time: `$X`, `eval`, a decoder into a shell. */
  readonly dynamic: boolean;
  /** The parser reported an error: not understood. */
  readonly unparsable: boolean;
}

export interface CommandJudgement {
  readonly verdict: 'allow' | 'deny' | 'warn';
  readonly rule: string | null;
  /** The matched fragment, as shown in ``Command `…` is forbidden``. */
  readonly matched: string | null;
  readonly message: string | null;
  readonly reading: CommandReading;
}

/** Rules compiled once for a session; judging is pure and takes microseconds. */
export interface CommandJudge {
  judge(line: string): CommandJudgement;
}

export type CompileCommandRules = (rules: readonly CommandRuleInput[], scope: CommandScope) => CommandJudge;
