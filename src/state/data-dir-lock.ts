import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { PortcullisError } from '#contract/errors.ts';

/** SQLITE_BUSY, SQLITE_LOCKED: somebody else holds the lock. */
const HELD_ELSEWHERE = new Set([5, 6]);

/**
 * Makes this process the owner of the data directory, or refuses. The lock is the operating system's, taken
 * by SQLite on `owner.lock` and held by an open transaction: it ends with the process however it ends
 * (`kill -9`, power), cannot be left behind, and knows nothing of process numbers that are used again.
 * `owner.pid` is only there to name the owner in the message. On NFS it is as good as the locks of the mount.
 *
 * @throws E_DATA_DIR_IN_USE naming the process that owns it.
 */
export function acquireDataDirLock(dataDir: string): Disposable {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const pidFile = join(dataDir, 'owner.pid');
  const database = new DatabaseSync(join(dataDir, 'owner.lock'), { timeout: 0 });
  try {
    // Not `exclusive`: one reserved lock is enough to keep a second owner out.
    database.exec('begin immediate');
  } catch (error) {
    database.close();
    const errcode = error instanceof Error && 'errcode' in error ? Number(error.errcode) : 0;
    if (!HELD_ELSEWHERE.has(errcode & 0xff)) throw error;
    throw inUse(dataDir, readPid(pidFile), error);
  }
  writeFileSync(pidFile, `${process.pid}\n`, { mode: 0o600 });
  return {
    [Symbol.dispose]() {
      if (database.isOpen) database.close();
    },
  };
}

function readPid(pidFile: string): string {
  try {
    const text = readFileSync(pidFile, 'utf8').trim();
    return /^\d{1,10}$/.test(text) ? `process ${text}` : 'another process';
  } catch {
    return 'another process';
  }
}

function inUse(dataDir: string, owner: string, cause: unknown): PortcullisError {
  return new PortcullisError(
    'E_DATA_DIR_IN_USE',
    `The data directory ${dataDir} belongs to ${owner}, which is running. Stop it first, or use another dataDir.`,
    { cause },
  );
}
