import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, expect, test } from 'vitest';
import type { Config } from './config.ts';
import { loadConfig } from './load-config.ts';
import { loadSecrets } from './secrets.ts';

const folder = mkdtempSync(join(tmpdir(), 'portcullis-secrets-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function withMail(extra: string): Config {
  const file = join(folder, 'portcullis.yaml');
  writeFileSync(file, `mail: {host: localhost, from: a@b.test, user: gate, ${extra}}`);
  return loadConfig({ file, env: {} }).config;
}

test('a secret is read from its file without the line end, and is not printed', () => {
  writeFileSync(join(folder, 'pw'), 'hunter2 \n', { mode: 0o600 });
  const secrets = loadSecrets(withMail('passwordFile: pw'), {});
  expect(secrets.mailPassword?.expose()).toBe('hunter2 ');
  expect(secrets.warnings).toEqual([]);
  expect(inspect(secrets) + JSON.stringify(secrets)).not.toContain('hunter2');
});

test('a file that others may read is a warning', () => {
  writeFileSync(join(folder, 'open'), 'x');
  chmodSync(join(folder, 'open'), 0o644);
  expect(loadSecrets(withMail('passwordFile: open'), {}).warnings[0]?.message).toContain('chmod 600');
});

test.each([
  ['missing', 'passwordFile: nowhere'],
  ['empty', 'passwordFile: empty'],
  ['not named although a user is', 'port: 25'],
])('a secret that is %s stops the start', (_name, extra) => {
  writeFileSync(join(folder, 'empty'), '\n', { mode: 0o600 });
  expect(() => loadSecrets(withMail(extra), {})).toThrow(
    expect.objectContaining({
      code: 'E_CONFIG',
      problems: [expect.objectContaining({ path: 'mail.passwordFile' })],
    }),
  );
});

test('the environment wins over files', () => {
  const secrets = loadSecrets(withMail('passwordFile: nowhere'), {
    PORTCULLIS_MAIL_PASSWORD: 'from-env',
    PORTCULLIS_MASTER_KEY: 'k',
  });
  expect(secrets.mailPassword?.expose()).toBe('from-env');
  expect(secrets.masterKey?.expose()).toBe('k');
});
