import { constants } from 'node:fs';
import { link, open, rename, unlink, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { PortcullisError } from '#contract/errors.ts';
import { newId } from '#lib/ids.ts';
import { Secret } from '#lib/secret.ts';

const MAX_FILE_BYTES = 65_536;
const OTHERS_MAY = 0o077;

/** The text of the key file, or undefined when there is none. Refuses a file that others could read or change. */
export async function readKeyFile(path: string): Promise<Secret | undefined> {
  let file: FileHandle;
  try {
    file = await open(path, constants.O_RDONLY);
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined;
    throw unreadable(path, error);
  }
  await using opened = file;
  // The opened file is asked, not the path: nobody can exchange it between the check and the reading.
  const stat = await opened.stat();
  if (!stat.isFile())
    throw new PortcullisError('E_VAULT_KEY', `${path} is not a file. Set vault.keyFile to the key file.`);
  const uid = process.geteuid?.();
  if (uid !== undefined && stat.uid !== uid) {
    throw new PortcullisError(
      'E_VAULT_KEY',
      `${path} belongs to user id ${String(stat.uid)}, not to the one that runs the server (${String(uid)}). Run: chown ${String(uid)} '${path}' && chmod 600 '${path}'`,
    );
  }
  if ((stat.mode & OTHERS_MAY) !== 0) {
    const mode = (stat.mode & 0o777).toString(8).padStart(3, '0');
    throw new PortcullisError(
      'E_VAULT_KEY',
      `${path} has mode ${mode}: others can reach the master key. Run: chmod 600 '${path}' (and change the key with \`portcullis vault rekey\` if somebody may have read it)`,
    );
  }
  if (stat.size > MAX_FILE_BYTES) {
    throw new PortcullisError(
      'E_VAULT_KEY',
      `${path} is too large for a key file. Set vault.keyFile to the key file.`,
    );
  }
  return new Secret(await opened.readFile('utf8'));
}

/** Makes the file, complete or not at all; refuses to touch one that exists. */
export async function createKeyFile(path: string, text: Secret): Promise<void> {
  const temporary = await writeBeside(path, text);
  try {
    // A link fails where a rename would silently replace a key that somebody else made meanwhile.
    await link(temporary, path);
  } catch (error) {
    throw unwritable(path, error);
  } finally {
    await unlink(temporary);
  }
  await syncFolder(dirname(path));
}

/** Replaces the content: after a crash there is either the old file or the new one. */
export async function replaceKeyFile(path: string, text: Secret): Promise<void> {
  const temporary = await writeBeside(path, text);
  try {
    await rename(temporary, path);
  } catch (error) {
    await unlink(temporary);
    throw unwritable(path, error);
  }
  await syncFolder(dirname(path));
}

async function writeBeside(path: string, text: Secret): Promise<string> {
  const temporary = `${path}.${newId()}.new`;
  try {
    await using file = await open(temporary, 'wx', 0o600);
    await file.writeFile(text.expose());
    await file.sync();
  } catch (error) {
    await unlink(temporary).catch(() => {});
    throw unwritable(path, error);
  }
  return temporary;
}

async function syncFolder(path: string): Promise<void> {
  await using folder = await open(path, constants.O_RDONLY | constants.O_DIRECTORY);
  await folder.sync();
}

function unreadable(path: string, cause: unknown): PortcullisError {
  return new PortcullisError(
    'E_VAULT_KEY',
    `${path} cannot be read (${reason(cause)}). It must belong to the user that runs the server. Run: chmod 600 '${path}'`,
    { cause },
  );
}

function unwritable(path: string, cause: unknown): PortcullisError {
  return new PortcullisError(
    'E_VAULT_KEY',
    `${path} cannot be written (${reason(cause)}). Its folder must exist and be writable for the user that runs the server.`,
    { cause },
  );
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
