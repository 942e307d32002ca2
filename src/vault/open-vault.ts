import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { PortcullisError } from '#contract/errors.ts';
import { Secret } from '#lib/secret.ts';
import { createKeyFile, readKeyFile, replaceKeyFile } from './key-file.ts';
import {
  currentKey,
  formatKeyring,
  newMasterKey,
  parseKeyFile,
  parseKeyList,
  type Keyring,
} from './keyring.ts';
import { formatSealed, NONCE_BYTES, parseSealed, TAG_BYTES } from './sealed-text.ts';
import type { Vault } from './vault.ts';

const CIPHER = 'aes-256-gcm';

export interface OpenVaultOptions {
  readonly keyFile: string;
  /** `PORTCULLIS_MASTER_KEY`; when given, the file is neither read nor written. */
  readonly masterKey?: Secret | undefined;
  /**
   * Whether a missing key file may be made anew. False once anything is sealed: a new key would open none of
   * it, and would hide that the old one is lost.
   */
  readonly createIfMissing: boolean;
}

/** The vault together with the care of its keys. */
export interface KeyedVault extends Vault {
  /** Oldest first. */
  readonly keyIds: readonly string[];
  readonly currentKeyId: string;
  /** Makes a new current key, durable before it seals anything. The older ones go on opening. Returns its id. */
  addKey(): Promise<string>;
  /** Forgets every older key that is not in use. Returns their ids. Backups made before need them still. */
  retireKeys(inUse: ReadonlySet<string>): Promise<readonly string[]>;
}

/** Opens the master keys, or makes the first one. Every problem is an E_VAULT_KEY that says what to do. */
export async function openVault(options: OpenVaultOptions): Promise<KeyedVault> {
  if (options.masterKey !== undefined) {
    return createVault(parseKeyList(options.masterKey, 'PORTCULLIS_MASTER_KEY'), () => {
      throw new PortcullisError(
        'E_VAULT_KEY',
        'The master key comes from PORTCULLIS_MASTER_KEY, which the server cannot change. Append the new key to it, separated by a comma, and start again.',
      );
    });
  }
  const { keyFile } = options;
  const save = (keyring: Keyring): Promise<void> => replaceKeyFile(keyFile, formatKeyring(keyring));
  const text = await readKeyFile(keyFile);
  if (text !== undefined) return createVault(parseKeyFile(text, keyFile), save);
  if (!options.createIfMissing) {
    throw new PortcullisError(
      'E_VAULT_KEY',
      `${keyFile} is missing, and there are secrets that only it can open. Restore it from its copy, or set PORTCULLIS_MASTER_KEY. A new key would not open them.`,
    );
  }
  const keyring: Keyring = [newMasterKey()];
  await createKeyFile(keyFile, formatKeyring(keyring));
  return createVault(keyring, save);
}

function createVault(initial: Keyring, save: (keyring: Keyring) => Promise<void>): KeyedVault {
  let keyring = initial;
  // Changes of the keyring wait for each other, or one would write the file without the key of the other.
  let lastChange: Promise<unknown> = Promise.resolve();
  const change = <T>(work: () => Promise<T>): Promise<T> => {
    const run = lastChange.then(work, work);
    lastChange = run.catch(() => {});
    return run;
  };

  const open = (sealed: string, context: string): Buffer => {
    const parts = parseSealed(sealed);
    if (parts === undefined) {
      throw new PortcullisError(
        'E_VAULT_KEY',
        `The secret of ${context} is not in a form this version can read.`,
      );
    }
    const key = keyring.find(({ id }) => id === parts.keyId);
    if (key === undefined) {
      throw new PortcullisError(
        'E_VAULT_KEY',
        `The secret of ${context} is sealed under master key ${parts.keyId}, which is not in the keyring. Restore the key file from its copy.`,
      );
    }
    const decipher = createDecipheriv(CIPHER, key.key, parts.nonce, { authTagLength: TAG_BYTES });
    decipher.setAAD(additionalData(parts.keyId, context));
    decipher.setAuthTag(parts.tag);
    try {
      return Buffer.concat([decipher.update(parts.ciphertext), decipher.final()]);
    } catch (cause) {
      throw new PortcullisError(
        'E_VAULT_KEY',
        `The secret of ${context} does not open: it was changed, or it was sealed for something else. Restore it from a backup or set it anew.`,
        { cause },
      );
    }
  };

  return {
    seal(secret: Secret | Secret<Uint8Array>, context: string): string {
      const { id, key } = currentKey(keyring);
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES });
      cipher.setAAD(additionalData(id, context));
      const value = secret.expose();
      const plain = typeof value === 'string' ? Buffer.from(value, 'utf8') : value;
      const ciphertext = Buffer.concat([cipher.update(plain), cipher.final()]);
      return formatSealed({ keyId: id, nonce, ciphertext, tag: cipher.getAuthTag() });
    },
    openText: (sealed, context) => new Secret(open(sealed, context).toString('utf8')),
    openBytes: (sealed, context) => new Secret<Uint8Array>(open(sealed, context)),
    needsRekey: (sealed) => parseSealed(sealed)?.keyId !== currentKey(keyring).id,
    get keyIds() {
      return keyring.map(({ id }) => id);
    },
    get currentKeyId() {
      return currentKey(keyring).id;
    },
    addKey: () =>
      change(async () => {
        const key = newMasterKey();
        const grown: Keyring = [...keyring, key];
        await save(grown);
        keyring = grown;
        return key.id;
      }),
    retireKeys: (inUse) =>
      change(async () => {
        const current = currentKey(keyring);
        const retired = keyring.filter(({ id }) => id !== current.id && !inUse.has(id));
        if (retired.length === 0) return [];
        const kept = keyring.filter((key) => key !== current && !retired.includes(key));
        const [first, ...rest] = [...kept, current];
        await save([first, ...rest]);
        keyring = [first, ...rest];
        return retired.map(({ id }) => id);
      }),
  };
}

function additionalData(keyId: string, context: string): Buffer {
  return Buffer.from(`portcullis sealed v1\0${keyId}\0${context}`, 'utf8');
}
