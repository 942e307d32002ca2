import { PortcullisError } from '#contract/errors.ts';
import { selects } from '#contract/names.ts';
import type { CommandRuleInput } from '#contract/resources/command-rule.ts';
import type { GrantMode } from '#contract/resources/grant.ts';
import { NOTHING_DEFINED, type Definitions } from './definitions.ts';
import type { Span } from './reading/field.ts';
import { readCommand } from './reading/read-line.ts';
import { stricter } from './stricter.ts';
import type {
  CommandJudge,
  CommandJudgement,
  CommandReading,
  CommandScope,
  CompileOptions,
} from './verdict.ts';
import { checkCommandRule } from './check-rule.ts';
import { compileLinePatterns, type LinePatterns } from './matching/line-patterns.ts';
import { compileProgramRules, type ProgramRules } from './matching/programs-by-name.ts';

/** At one priority the stricter verdict goes first. */
const TIE_ORDER: Readonly<Record<CommandRuleInput['verdict'], number>> = { deny: 0, warn: 1, allow: 2 };

/**
 * Compiles the rules that concern somebody on an account of an asset. Rules are tried by priority (lower
 * first; ties: deny, warn, allow; then as given), and the first that matches decides. Rules of kind `program`
 * decide about each program by itself and the line gets the strictest of these verdicts, so that allowing
 * `ls` does not allow `ls; reboot`. Rules of kind `regex` and `text` speak about the line as a whole.
 *
 * @throws PortcullisError E_RULE when a rule does not compile: a session must not open without its rules.
 */
export function compileCommandRules(
  rules: readonly CommandRuleInput[],
  scope: CommandScope,
  options: CompileOptions = { unmatched: 'allow' },
): CommandJudge {
  const ranked = rules
    .filter((rule) => concerns(rule, scope))
    .toSorted(
      (left, right) => left.priority - right.priority || TIE_ORDER[left.verdict] - TIE_ORDER[right.verdict],
    );
  for (const rule of ranked) refuseBroken(rule);
  const withRank = ranked.map((rule, rank) => ({ rule, rank }));
  const programs = compileProgramRules(withRank.filter(({ rule }) => rule.kind === 'program'));
  const lines = compileLinePatterns(withRank.filter(({ rule }) => rule.kind !== 'program'));
  const inputs = compileLinePatterns(withRank.filter(({ rule }) => rule.kind === 'text'));
  return new Judge(ranked, programs, lines, inputs, options.unmatched);
}

/** How rules are compiled under a grant of this mode. */
export function optionsFor(mode: GrantMode): CompileOptions {
  return { unmatched: mode === 'strict' ? 'deny' : 'allow' };
}

function concerns(rule: CommandRuleInput, scope: CommandScope): boolean {
  return (
    (selects(rule.users, scope.username) ||
      scope.groups.some((group) => selects(rule.groups, group)) ||
      scope.roles.some((role) => selects(rule.roles, role))) &&
    selects(rule.assets, scope.asset) &&
    selects(rule.accounts, scope.account)
  );
}

function refuseBroken(rule: CommandRuleInput): void {
  const problems = checkCommandRule(rule);
  if (problems.length === 0) return;
  throw new PortcullisError(
    'E_RULE',
    `The command rule ${rule.name} does not compile, so no session opens under it. Correct its patterns.`,
    { problems },
  );
}

/** Input for a program is not read as commands. */
const INPUT: CommandReading = {
  programs: [],
  dynamic: false,
  unparsable: false,
  incomplete: false,
  unread: false,
  commandsFromInput: false,
  defines: NOTHING_DEFINED,
};

/** A rule that matched, and by what. */
interface Hit {
  readonly rank: number;
  readonly fragment: string;
  readonly span: Span | null;
}

class Judge implements CommandJudge {
  readonly #rules: readonly CommandRuleInput[];
  readonly #programs: ProgramRules;
  readonly #lines: LinePatterns;
  readonly #inputs: LinePatterns;
  readonly #unmatched: 'allow' | 'deny';

  constructor(
    rules: readonly CommandRuleInput[],
    programs: ProgramRules,
    lines: LinePatterns,
    inputs: LinePatterns,
    unmatched: 'allow' | 'deny',
  ) {
    this.#rules = rules;
    this.#programs = programs;
    this.#lines = lines;
    this.#inputs = inputs;
    this.#unmatched = unmatched;
  }

  judge(line: string, definitions?: Definitions): CommandJudgement {
    let reading = readCommand(line, definitions);
    if (reading.unread) return this.#judgeUnread(line, reading);
    const found = reading.programs.map((program) => this.#programs.find(program));
    if (!reading.dynamic && found.some((one) => one.maybe)) reading = { ...reading, dynamic: true };
    const whole = this.#findWhole(line, reading);
    if (reading.programs.length === 0) return this.#answer(whole, reading, line, null);
    let strictest: CommandJudgement | undefined;
    for (const [index, { hit }] of found.entries()) {
      const program = reading.programs[index];
      const span = spanOf(line, program);
      const own = hit === undefined ? undefined : { ...hit, span };
      const answer = this.#answer(earlier(own, whole), reading, program?.name ?? '', span);
      strictest = strictest === undefined ? answer : stricter(strictest, answer);
    }
    return strictest ?? this.#answer(whole, reading, line, null);
  }

  judgeInput(line: string): CommandJudgement {
    const hit = this.#inputs.find(line);
    const rule = hit === undefined ? undefined : this.#rules[hit.rule];
    if (hit === undefined || rule === undefined) {
      return { verdict: 'allow', rule: null, matched: null, span: null, message: null, reading: INPUT };
    }
    return answerOf(rule, hit, INPUT);
  }

  /** Rules about the line as a whole: text, and facts of the reading. */
  #findWhole(line: string, reading: CommandReading): Hit | undefined {
    const byText = this.#lines.find(line);
    const text = byText === undefined ? undefined : { ...byText, rank: byText.rule };
    const factRank = this.#programs.findFact(reading);
    const fact = factRank === undefined ? undefined : { rank: factRank, fragment: shorten(line), span: null };
    return earlier(text, fact);
  }

  /** `shown` and `span`: what stands in for a match when no rule names it. */
  #answer(hit: Hit | undefined, reading: CommandReading, shown: string, span: Span | null): CommandJudgement {
    const rule = hit === undefined ? undefined : this.#rules[hit.rank];
    const strict = this.#unmatched === 'deny';
    // Under an allow-list nothing may run that is not in plain sight, whatever a rule says about a part of it.
    if (strict && (reading.dynamic || reading.unparsable || reading.incomplete)) {
      const message = 'Only commands that can be read completely are allowed here.';
      return { ...denyUnnamed(shorten(shown), message, reading), span };
    }
    if (hit !== undefined && rule !== undefined) return answerOf(rule, hit, reading);
    if (strict) {
      const message = 'Only commands on the list are allowed here.';
      return { ...denyUnnamed(shorten(shown), message, reading), span };
    }
    return { verdict: 'allow', rule: null, matched: null, span: null, message: null, reading };
  }

  /** Nothing is known about it but its text: denied, by a rule if one fits. */
  #judgeUnread(line: string, reading: CommandReading): CommandJudgement {
    const whole = this.#findWhole(line, reading);
    const rule = whole === undefined ? undefined : this.#rules[whole.rank];
    if (whole !== undefined && rule?.verdict === 'deny') return answerOf(rule, whole, reading);
    return denyUnnamed(shorten(line), 'The line is too long or too deeply nested to be read.', reading);
  }
}

function answerOf(
  { verdict, name, message }: CommandRuleInput,
  { fragment, span }: Omit<Hit, 'rank'>,
  reading: CommandReading,
): CommandJudgement {
  return { verdict, rule: name, matched: fragment, span, message: message ?? null, reading };
}

function denyUnnamed(matched: string, message: string, reading: CommandReading): CommandJudgement {
  return { verdict: 'deny', rule: null, matched, span: null, message, reading };
}

function earlier(left: Hit | undefined, right: Hit | undefined): Hit | undefined {
  if (left === undefined || right === undefined) return left ?? right;
  return left.rank <= right.rank ? left : right;
}

/** Where a program stands. A line with NUL is read without them, so that places in it would be off. */
function spanOf(line: string, program: Span | undefined): Span | null {
  if (program === undefined || line.includes('\0')) return null;
  return { start: program.start, end: program.end };
}

/** For messages on one line. */
function shorten(text: string): string {
  const oneLine = text.trim().replaceAll(/\s+/g, ' ');
  return oneLine.length > 60 ? `${oneLine.slice(0, 59)}…` : oneLine;
}
