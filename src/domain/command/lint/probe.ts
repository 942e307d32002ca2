import type { CommandRuleInput } from '#contract/resources/command-rule.ts';
import { compileCommandRules } from '../compile-rules.ts';
import { readCommand } from '../reading/read-line.ts';
import type { CommandJudgement } from '../verdict.ts';

interface Matching {
  readonly kind: CommandRuleInput['kind'];
  readonly patterns: readonly string[];
}

const NAME = 'probe';

/** A rule about anybody anywhere, made to try its patterns on lines. */
export class Probe {
  readonly #judge: (line: string) => CommandJudgement;

  constructor({ kind, patterns }: Matching, verdict: CommandRuleInput['verdict'] = 'deny') {
    const rule: CommandRuleInput = {
      name: NAME,
      priority: 50,
      users: ['*'],
      groups: [],
      roles: [],
      assets: ['*'],
      accounts: ['*'],
      kind,
      patterns: [...patterns],
      verdict,
    };
    const judge = compileCommandRules([rule], {
      username: 'x',
      groups: [],
      roles: [],
      asset: 'x',
      account: 'x',
    });
    this.#judge = (line) => judge.judge(line);
  }

  /** The rule decides about this line. */
  hits(line: string): boolean {
    return this.#judge(line).rule === NAME;
  }
}

/** Names of the programs that a line would run. */
export function programNames(line: string): ReadonlySet<string> {
  return new Set(readCommand(line).programs.map((program) => program.name));
}

/** The line is understood, and nothing in it is left open. */
export function isPlain(line: string): boolean {
  const { unparsable, incomplete, unread } = readCommand(line);
  return !unparsable && !incomplete && !unread;
}
