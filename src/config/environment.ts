import { closestWord } from '#contract/problems.ts';
import type { Problem } from '#contract/errors.ts';
import { CONFIG_KEYS, type ConfigKey } from './config-keys.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** The environment of this process. This room is the only one that reads it. */
export function processEnvironment(): Environment {
  return process.env;
}

/** Variables that are ours and are not configuration keys: secrets, and what the command line reads. */
export const OTHER_VARIABLES: Readonly<Record<string, string>> = {
  PORTCULLIS_MASTER_KEY: 'Master key of the vault (instead of `vault.keyFile`).',
  PORTCULLIS_MAIL_PASSWORD: 'Password at the mail server (instead of `mail.passwordFile`).',
  PORTCULLIS_ARCHIVE_PASSWORD: 'Password at the ClickHouse server (instead of `archive.passwordFile`).',
  PORTCULLIS_STATE_PASSWORD: 'Password at the PostgreSQL server (instead of `state.passwordFile`).',
  PORTCULLIS_CONFIG: 'Configuration file, when the command line names none.',
  PORTCULLIS_SERVER: 'Address of the server for the command line, as with `--server`.',
  PORTCULLIS_TOKEN: 'Token for the command line, as with `--token`.',
  PORTCULLIS_TOKEN_FILE: 'File with the token for the command line.',
  PORTCULLIS_CA_FILE: 'Certificate authority of the server for the command line, as with `--ca`.',
  PORTCULLIS_REQUIRE_NATIVE: 'With `1` an installation without native SSH crypto fails.',
};

/** Variables of the tests and benchmarks, whose servers inherit them. */
const FOREIGN_PREFIX = /^PORTCULLIS_(TEST|BENCH)_/;

/** A value from the environment, to be laid over the document at the path of its key. */
export interface EnvironmentValue {
  readonly key: ConfigKey;
  readonly value: unknown;
}

/**
 * Finds the configuration keys in the environment. A name that begins with `PORTCULLIS_` and means nothing is
 * a problem, as an unknown key in the file is: a misspelt `…_BLOCK_USERS` must not pass unnoticed.
 */
export function readEnvironment(env: Environment): {
  readonly values: readonly EnvironmentValue[];
  readonly problems: readonly Problem[];
} {
  const values: EnvironmentValue[] = [];
  const problems: Problem[] = [];
  const keys = new Map(CONFIG_KEYS.map((key) => [key.variable, key]));
  for (const [name, text] of Object.entries(env)) {
    if (!name.startsWith('PORTCULLIS_') || FOREIGN_PREFIX.test(name) || text === undefined) continue;
    const key = keys.get(name);
    if (key !== undefined) values.push({ key, value: valueOf(key, text) });
    else if (!Object.hasOwn(OTHER_VARIABLES, name)) {
      const near = closestWord(name, [...keys.keys(), ...Object.keys(OTHER_VARIABLES)]);
      problems.push({
        path: name,
        message: `is not known${near === undefined ? '; unset it' : `; did you mean "${near}"?`}`,
      });
    }
  }
  return { values, problems };
}

/** What is not of the right form is passed on as text: the schema then says what is wrong with it. */
function valueOf(key: ConfigKey, text: string): unknown {
  if (key.kind === 'list')
    return text
      .split(',')
      .map((one) => one.trim())
      .filter((one) => one !== '');
  if (key.kind === 'number' && /^-?\d{1,15}$/.test(text.trim())) return Number(text);
  if (key.kind === 'boolean' && (text === 'true' || text === 'false')) return text === 'true';
  return text;
}
