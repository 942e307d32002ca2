import { compareTypists } from './clients/compare-typists.ts';
import type { BenchResult } from './result.ts';

/**
 * A key typed into a shell, from the client's write to its echo: through the gateway with every key and echo
 * recorded, and directly to the same sshd, each with the same number of people typing at once.
 */
export function run(): Promise<readonly BenchResult[]> {
  const typing = { sessions: 100, keys: 60, meanPauseMs: 200 };
  return compareTypists(typing, { name: 'key to echo', unit: 'keys' });
}
