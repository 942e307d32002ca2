import type { CommandRuleInput } from '#contract/resources/command-rule.ts';
import { compileCommandRules } from '#domain/command/compile-rules.ts';
import { definitionsAfter, NO_DEFINITIONS } from '#domain/command/definitions.ts';
import { readCommand } from '#domain/command/reading/read-line.ts';
import { median, percentile, type BenchResult } from './result.ts';

const LINE =
  'sudo systemctl restart nginx.service && tail -f /var/log/nginx/access.log | grep -v "health z" | ' +
  'awk \'{print $1}\' | sort | uniq -c | sort -rn | head -n 20 # look at $HOME "$(date +%F)" ${X:-a} bc';
/** What a person may have defined in a session. */
const DEFINING = [
  'alias ll="ls -l" k=kubectl',
  'f() { sudo "$@"; }',
  'export EDITOR=vi',
  'D=/var/log N=3',
  'set -- a b',
];
const RULES = 200;
const ROUNDS = 20_000;

/** How long one Enter waits for the rules. Target: 50 µs for a line of 200 characters with 200 rules. */
export async function run(): Promise<BenchResult[]> {
  const judge = compileCommandRules(manyRules(), {
    username: 'alice',
    groups: [],
    roles: [],
    asset: 'web01',
    account: 'root',
  });
  const reading = measure(() => readCommand(LINE));
  const judging = measure(() => judge.judge(LINE));
  let definitions = NO_DEFINITIONS;
  for (const line of DEFINING) definitions = definitionsAfter(definitions, readCommand(line, definitions));
  const defined = measure(() => judge.judge(LINE, definitions));
  const detail = `${LINE.length} characters, ${RULES} rules (160 program, 20 text, 20 regex), target 50 µs`;
  return [
    { name: 'read a line into programs, median', value: median(reading), unit: 'µs' },
    { name: 'judge a line, median', value: median(judging), unit: 'µs', detail },
    { name: 'judge a line under definitions, median', value: median(defined), unit: 'µs', detail },
    { name: 'judge a line, p99', value: percentile(judging, 0.99), unit: 'µs', detail },
  ];
}

function measure(work: () => unknown): readonly number[] {
  for (let round = 0; round < ROUNDS; round += 1) work();
  return Array.from({ length: ROUNDS }, () => {
    const before = performance.now();
    work();
    return (performance.now() - before) * 1_000;
  });
}

function manyRules(): readonly CommandRuleInput[] {
  return Array.from({ length: RULES }, (_, index): CommandRuleInput => {
    const shared = {
      name: `rule-${index}`,
      priority: 1 + (index % 100),
      users: ['*'],
      groups: [],
      roles: [],
      assets: ['*'],
      accounts: ['*'],
      verdict: 'deny' as const,
    };
    if (index % 10 === 0) return { ...shared, kind: 'text', patterns: [`forbidden${index}`] };
    if (index % 10 === 1) return { ...shared, kind: 'regex', patterns: [String.raw`rm\s+-rf\s+/x${index}`] };
    return {
      ...shared,
      kind: 'program',
      patterns: [`su${index}`, `systemctl reboot${index}`, `init ${index}`],
    };
  });
}
