import { forbidding } from '../test/testbed/command-rules.ts';
import { compareTypists } from './clients/compare-typists.ts';
import type { BenchResult } from './result.ts';

/**
 * A line sent to bash, from Enter to the next prompt: through the gateway, where it is held, read, judged and
 * written down, and directly to the same sshd, with as many people at work.
 */
export function run(): Promise<readonly BenchResult[]> {
  const typing = { sessions: 200, keys: 20, meanPauseMs: 2_000, what: 'lines' } as const;
  const commandRules = [forbidding('no-su', 'su', 'passwd', 'reboot')];
  return compareTypists(typing, { name: 'Enter to prompt', unit: 'lines' }, { commandRules });
}
