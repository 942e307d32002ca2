import { open, mkdir, readFile, rename, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import ssh2 from 'ssh2';
import { PortcullisError } from '#contract/errors.ts';
import { Secret } from '#lib/secret.ts';
import { generateKey } from './generate-key.ts';

/** A key by which the gateway proves that it is itself. */
export interface HostKey {
  readonly privateKey: Secret;
  /** `ssh-ed25519 AAAA…`, as in known_hosts behind the host name. */
  readonly publicLine: string;
}

const KINDS = [
  { file: 'ssh_host_ed25519_key', generate: () => generateKey('ed25519') },
  { file: 'ssh_host_ecdsa_key', generate: () => generateKey('ecdsa') },
] as const;

/**
 * The host keys in `dataDir/host-keys`, made at first start. No RSA: ssh2 would offer it with SHA-1. Throws
 * E_CONFIG when a key is there and cannot be used: a new one would look like an attack to everybody.
 */
export async function openHostKeys(dataDir: string): Promise<readonly HostKey[]> {
  const folder = join(dataDir, 'host-keys');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const keys: HostKey[] = [];
  for (const { file, generate } of KINDS) {
    const path = join(folder, file);
    const text = (await readKey(path)) ?? (await createKey(path, generate().private));
    const parsed = ssh2.utils.parseKey(text.expose());
    if (parsed instanceof Error) throw unusable(path, 'it cannot be read as a private key');
    keys.push({ privateKey: text, publicLine: `${parsed.type} ${parsed.getPublicSSH().toString('base64')}` });
  }
  return keys;
}

async function readKey(path: string): Promise<Secret | undefined> {
  try {
    const { mode } = await stat(path);
    if ((mode & 0o077) !== 0) throw unusable(path, 'others than its owner may read it; run chmod 600 on it');
    return new Secret(await readFile(path, 'utf8'));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Written beside its place and moved there whole, so that a crash leaves no half key. */
async function createKey(path: string, text: string): Promise<Secret> {
  const draft = `${path}.new`;
  await unlink(draft).catch(() => undefined);
  const file = await open(draft, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, path);
  return new Secret(text);
}

function unusable(path: string, why: string): PortcullisError {
  return new PortcullisError(
    'E_CONFIG',
    `The host key ${path} cannot be used: ${why}. Restore it; deleting it makes a new one, and every client will warn.`,
  );
}
