import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { checkDataDir, checkDiskSpace, checkNativeCrypto } from './check-machine.ts';

const folder = mkdtempSync(join(tmpdir(), 'portcullis-doctor-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('a folder or key that others may read is a failure with the command that mends it', async () => {
  const key = join(folder, 'master.key');
  writeFileSync(key, 'k', { mode: 0o600 });
  expect((await checkDataDir(folder, key)).status).toBe('ok');
  chmodSync(key, 0o640);
  expect(await checkDataDir(folder, key)).toMatchObject({ status: 'failure', advice: `chmod 600 ${key}` });
  chmodSync(folder, 0o750);
  expect(await checkDataDir(folder, key)).toMatchObject({ status: 'failure', advice: `chmod 700 ${folder}` });
});

test('space is judged against the reserve', async () => {
  expect((await checkDiskSpace(folder, 1)).status).toBe('ok');
  expect((await checkDiskSpace(folder, Number.MAX_SAFE_INTEGER)).status).toBe('failure');
});

test('which crypto is used is known', async () => {
  expect(['ok', 'warning']).toContain((await checkNativeCrypto()).status);
});
