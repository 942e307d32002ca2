import { constants, createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, rm, stat, statfs, type FileHandle } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createFileReserve } from './file-reserve.ts';
import { checkedName, type RecordingStore } from './store.ts';

const FILE_MODE = 0o600;
const FOLDER_MODE = 0o700;

export interface FolderStoreOptions {
  /** Usually `<dataDir>/recordings`. */
  readonly folder: string;
  /** Space for end records when the disk is full: a few hundred bytes for each open recording, in whole blocks. */
  readonly reserveBytes?: number;
}

/** Recordings in a folder of this machine. */
export function createFolderStore(options: FolderStoreOptions): RecordingStore {
  const root = options.folder;
  const durable = new Set<string>();
  const pathOf = (name: string): string => join(root, checkedName(name));
  return {
    pathOf,
    reserve: createFileReserve(join(root, 'reserve'), options.reserveBytes ?? 8 * 1_048_576),
    create: async (name) => {
      const path = pathOf(name);
      await makeFolder(dirname(path));
      const file = await open(path, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL, FILE_MODE);
      return { file, syncName: () => syncFolders(root, dirname(path), durable) };
    },
    reopen: async (name) => {
      try {
        return await open(pathOf(name), constants.O_RDWR);
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw error;
      }
    },
    putTailAside: async (name, offset) => {
      const path = pathOf(name);
      // A name that is free: a second crash must not overwrite what the first one left.
      const aside = await freeTornName(path);
      await pipeline(
        createReadStream(path, { start: offset }),
        createWriteStream(aside, { flags: 'wx', mode: FILE_MODE, flush: true }),
      );
      await syncFolders(root, dirname(path), durable);
    },
    remove: async (name) => {
      const path = pathOf(name);
      for (let n = 0; await exists(tornName(path, n)); n++) await rm(tornName(path, n));
      await rm(path, { force: true });
    },
    availableBytes: async () => {
      await makeFolder(root);
      const { bavail, bsize } = await statfs(root);
      return bavail * bsize;
    },
  };
}

async function makeFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: FOLDER_MODE });
}

/**
 * Makes the names in a folder last. A new day has new folders, whose own names must last as well; once they
 * do they are remembered.
 */
async function syncFolders(root: string, folder: string, durable: Set<string>): Promise<void> {
  for (let path = folder; !relative(root, path).startsWith('..'); path = dirname(path)) {
    await using handle: FileHandle = await open(path, constants.O_RDONLY | constants.O_DIRECTORY);
    await handle.sync();
    if (durable.has(path)) return;
  }
  for (let path = folder; !relative(root, path).startsWith('..'); path = dirname(path)) durable.add(path);
}

async function freeTornName(path: string): Promise<string> {
  let n = 0;
  while (await exists(tornName(path, n))) n += 1;
  return tornName(path, n);
}

function tornName(path: string, n: number): string {
  return n === 0 ? `${path}.torn` : `${path}.torn${String(n)}`;
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
