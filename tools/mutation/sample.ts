/**
 * Mutation tests of a random part of the lines, for an estimate in minutes instead of hours:
 * `npm run mutate:sample -- 0.1 'src/domain/command/**'`.
 */
import { spawnSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { runSeed, seeded } from '../../test/testbed/seeds.ts';

/** `file:line-line` for so many of the lines, a share of 0 to 1; Stryker mutates what lies within one of them. */
export function sampleLines(
  lineCounts: ReadonlyMap<string, number>,
  share: number,
  random: () => number,
): readonly string[] {
  return [...lineCounts].flatMap(([file, count]) =>
    Array.from({ length: count }, (_, index) => index + 1)
      .filter(() => random() < share)
      .map((line) => `${file}:${line}-${line}`),
  );
}

if (import.meta.main) {
  const [share = '0.1', ...globs] = process.argv.slice(2);
  const patterns = globs.length > 0 ? globs : ['src/domain/{command,detection,offense,playbook}/**'];
  const files = globSync(patterns).filter((file) => /(?<!\.test)\.ts$/.test(file));
  const counts = new Map(files.map((file) => [file, readFileSync(file, 'utf8').split('\n').length]));
  const ranges = sampleLines(counts, Number(share), seeded(runSeed('mutation sample')));
  console.log(`${ranges.length} lines of ${files.length} files`);
  const args = ['run', 'tools/mutation/stryker.config.json', '--mutate', ranges.join(',')];
  const { status } = spawnSync('node_modules/.bin/stryker', args, { stdio: 'inherit' });
  process.exitCode = status ?? 1;
}
