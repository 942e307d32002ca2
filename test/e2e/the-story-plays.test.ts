import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../..');

test(
  'the demo plays its story from login to the second episode within a minute',
  { timeout: 120_000 },
  async () => {
    const startedAt = performance.now();
    const { stdout } = await run(
      process.execPath,
      [join(root, 'src/main/demo/start.ts'), '--play', '--json'],
      { cwd: root },
    );
    expect(performance.now() - startedAt).toBeLessThan(60_000);
    const steps = stdout
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { readonly step: string }).step);
    expect(steps).toEqual([
      'ready',
      'logged in',
      'logged in',
      'worked',
      'denied',
      'denied',
      'denied',
      'sessions cut',
      'offense',
      'lock',
      'login refused',
      'others untouched',
      'mail',
      'recovery',
      'new password',
      'second factor',
      'logged in again',
      'code refused',
      'old password refused',
      'offense closed',
      'second episode',
    ]);
  },
);
