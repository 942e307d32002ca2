import { createHash, createSecretKey, randomBytes, type KeyObject } from 'node:crypto';
import { PortcullisError } from '#contract/errors.ts';
import { Secret } from '#lib/secret.ts';

const KEY_BYTES = 32;

export interface MasterKey {
  /** First 64 bits of a digest of the key, hex: the same key has the same id wherever it is configured. */
  readonly id: string;
  readonly key: KeyObject;
}

/** Oldest first; the last key seals, all of them open. Never empty. */
export type Keyring = readonly [MasterKey, ...MasterKey[]];

export function currentKey(keyring: Keyring): MasterKey {
  return keyring[keyring.length - 1] ?? keyring[0];
}

export function newMasterKey(): MasterKey {
  return masterKey(randomBytes(KEY_BYTES));
}

function masterKey(bytes: Uint8Array): MasterKey {
  const digest = createHash('sha256').update('portcullis master key id\0').update(bytes).digest('hex');
  return { id: digest.slice(0, 16), key: createSecretKey(bytes) };
}

const FILE_HEAD = `# Master keys of Portcullis, oldest first: the last one seals, all of them open.
# Whoever has this file and the state database has every account secret. Keep a copy apart from the backups.
`;

export function formatKeyring(keyring: Keyring): Secret {
  const lines = keyring.map(({ id, key }) => `${id} ${key.export().toString('base64')}\n`);
  return new Secret(FILE_HEAD + lines.join(''));
}

/**
 * Reads the key file: one `<key id> <base64 of 32 bytes>` a line, `#` comments. The id is recomputed, so a
 * damaged file is told from a key that does not fit.
 */
export function parseKeyFile(text: Secret, origin: string): Keyring {
  const lines = text.expose().split('\n');
  const keys: MasterKey[] = [];
  for (const [index, line] of lines.entries()) {
    const trimmed = line.trim();
    if (trimmed === '' || trimmed.startsWith('#')) continue;
    const [id = '', encoded = ''] = trimmed.split(/\s+/);
    const key = decodeKey(encoded, `${origin}, line ${String(index + 1)}`);
    if (key.id !== id) {
      throw new PortcullisError(
        'E_VAULT_KEY',
        `${origin}, line ${String(index + 1)}: the key does not have the id that stands before it, so the line is damaged. Restore the file from its copy.`,
      );
    }
    keys.push(key);
  }
  return asKeyring(keys, origin);
}

/** Reads `PORTCULLIS_MASTER_KEY`: base64 of 32 bytes, or several separated by commas, oldest first. */
export function parseKeyList(text: Secret, origin: string): Keyring {
  const keys = text
    .expose()
    .split(',')
    .map((part) => decodeKey(part.trim(), origin));
  return asKeyring(keys, origin);
}

function decodeKey(encoded: string, origin: string): MasterKey {
  const bytes = Buffer.from(encoded, 'base64');
  // A typing mistake must not quietly become another key, so the text must be exactly what we would write.
  if (bytes.length !== KEY_BYTES || bytes.toString('base64').replaceAll('=', '') !== plain(encoded)) {
    throw new PortcullisError(
      'E_VAULT_KEY',
      `${origin}: not a master key. It must be the base64 of 32 random bytes, as \`openssl rand -base64 32\` prints it.`,
    );
  }
  return masterKey(bytes);
}

function plain(encoded: string): string {
  return encoded.replaceAll('=', '').replaceAll('-', '+').replaceAll('_', '/');
}

function asKeyring(keys: readonly MasterKey[], origin: string): Keyring {
  const [first, ...rest] = keys;
  if (first === undefined) {
    throw new PortcullisError(
      'E_VAULT_KEY',
      `${origin}: there is no key in it. Restore it from its copy; what is sealed cannot be opened without.`,
    );
  }
  if (new Set(keys.map(({ id }) => id)).size !== keys.length) {
    throw new PortcullisError(
      'E_VAULT_KEY',
      `${origin}: the same key stands there twice. Remove one of the lines.`,
    );
  }
  return [first, ...rest];
}
