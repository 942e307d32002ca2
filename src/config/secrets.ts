import { readFileSync, statSync } from 'node:fs';
import { PortcullisError, type Problem } from '#contract/errors.ts';
import { Secret } from '#lib/secret.ts';
import type { Config } from './config.ts';
import { type Environment, processEnvironment } from './environment.ts';

/** What must never be in a configuration file, a log or an answer. */
export interface Secrets {
  /** From PORTCULLIS_MASTER_KEY; without it the vault reads `config.vault.keyFile`. */
  readonly masterKey: Secret | null;
  readonly mailPassword: Secret | null;
  readonly archivePassword: Secret | null;
  readonly statePassword: Secret | null;
  /** Token or secret of the access key of each connector, by its name. */
  readonly connectors: ReadonlyMap<string, Secret>;
  readonly warnings: readonly Problem[];
}

const MAX_SECRET_BYTES = 65_536;

/**
 * Reads the secrets that configuration and environment point to.
 *
 * @throws PortcullisError E_CONFIG with every problem that was found.
 */
export function loadSecrets(config: Config, env: Environment = processEnvironment()): Secrets {
  const problems: Problem[] = [];
  const warnings: Problem[] = [];
  const read = (path: string, file: string | null, variable: string): Secret | null => {
    const text = env[variable];
    if (text !== undefined && text !== '') return new Secret(text);
    if (file === null) return null;
    try {
      if (statSync(file).size > MAX_SECRET_BYTES) throw new Error('it is larger than 64 KiB');
      if ((statSync(file).mode & 0o077) !== 0)
        warnings.push({ path, message: `others may read ${file}; run: chmod 600 ${file}` });
      const content = readFileSync(file, 'utf8').replace(/\r?\n$/, '');
      if (content === '') throw new Error('it is empty');
      return new Secret(content);
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      problems.push({ path, message: `${file} cannot be used: ${why}` });
      return null;
    }
  };
  const secrets = {
    masterKey: read('', null, 'PORTCULLIS_MASTER_KEY'),
    mailPassword: read('mail.passwordFile', config.mail?.passwordFile ?? null, 'PORTCULLIS_MAIL_PASSWORD'),
    archivePassword: read('archive.passwordFile', config.archive.passwordFile, 'PORTCULLIS_ARCHIVE_PASSWORD'),
    statePassword: read('state.passwordFile', config.state.passwordFile, 'PORTCULLIS_STATE_PASSWORD'),
    connectors: new Map(
      config.connectors.flatMap(({ name, credential }, index) => {
        const key = credential.kind === 'token' ? 'tokenFile' : 'accessKey.secretFile';
        const secret = read(`connectors[${index}].${key}`, credential.file, '');
        return secret === null ? [] : [[name, secret] as const];
      }),
    ),
    warnings,
  };
  if (
    config.mail !== null &&
    config.mail.user !== null &&
    secrets.mailPassword === null &&
    problems.length === 0
  )
    problems.push({
      path: 'mail.passwordFile',
      message: 'is missing; mail.user needs a password to log in with',
    });
  if (problems.length > 0)
    throw new PortcullisError('E_CONFIG', 'Secrets that the configuration names cannot be read.', {
      problems,
    });
  return secrets;
}
