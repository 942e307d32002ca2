import { watch } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PortcullisError, type Problem } from '#contract/errors.ts';
import {
  buildLogSourceTypes,
  refreshLogSourceTypes,
  type LogSourceTypes,
} from '#domain/normalise/log-source-types.ts';
import { createNormaliser } from '#domain/normalise/normaliser.ts';
import type { TypeFile } from '#domain/normalise/type-file.ts';
import type { NewId } from '#lib/ids.ts';
import type { NormaliseMessage } from './normalise-message.ts';

const MAX_FILE_BYTES = 1024 * 1024;

export interface TypeFoldersOptions {
  /** Every `.yml` and `.yaml` file directly in them; the shipped ones are in `content/log-sources`. */
  readonly folders: readonly string[];
  readonly newId: NewId;
  /** After each reading of the files: what is wrong, empty when all are in force. */
  readonly onReload: (problems: readonly Problem[]) => void;
}

/** The log source types of some folders, kept up to date while the files change. */
export interface TypeFolders extends Disposable {
  readonly types: LogSourceTypes;
  readonly normalise: NormaliseMessage;
}

/**
 * Reads the types and watches their folders. Throws E_LOG_SOURCE_TYPE when something is wrong at the start; what goes
 * wrong later is reported, and leaves in force what was read from the file before.
 */
export async function openTypeFolders({
  folders,
  newId,
  onReload,
}: TypeFoldersOptions): Promise<TypeFolders> {
  // Watching begins first, so that no change is between the two.
  let isChanged = false;
  let isReading = true;
  const changed = (): void => {
    isChanged = true;
    if (!isReading) void reread();
  };
  const watchers = folders.map((folder) => watchFolder(folder, changed));
  const close = (): void => {
    for (const watcher of watchers) watcher.close();
  };
  let types: LogSourceTypes;
  try {
    types = buildLogSourceTypes(await readAll(folders));
  } catch (error) {
    close();
    throw error;
  }
  const reread = async (): Promise<void> => {
    isReading = true;
    while (isChanged) {
      isChanged = false;
      try {
        const fresh = refreshLogSourceTypes(types, await readAll(folders));
        types = fresh.types;
        onReload(fresh.problems);
      } catch (error) {
        // The folder cannot be read now: everything stays as it is.
        onReload([
          { path: folders.join(', '), message: error instanceof Error ? error.message : String(error) },
        ]);
      }
    }
    isReading = false;
  };
  await reread();
  const normalise = createNormaliser({ types: () => types, newId });
  return {
    get types() {
      return types;
    },
    normalise,
    [Symbol.dispose]: close,
  };
}

function watchFolder(folder: string, changed: () => void): { close(): void } {
  try {
    const watcher = watch(folder, { persistent: false }, changed);
    watcher.on('error', changed);
    return watcher;
  } catch (cause) {
    throw unreadable(folder, cause);
  }
}

async function readAll(folders: readonly string[]): Promise<readonly TypeFile[]> {
  const files: TypeFile[] = [];
  for (const folder of folders) {
    for (const name of await namesIn(folder)) {
      if (!/\.ya?ml$/.test(name)) continue;
      const path = join(folder, name);
      const bytes = await readFile(path);
      if (bytes.length > MAX_FILE_BYTES)
        throw new PortcullisError(
          'E_LOG_SOURCE_TYPE',
          `${path}: the file is larger than ${MAX_FILE_BYTES} bytes.`,
        );
      files.push({ path, text: bytes.toString('utf8') });
    }
  }
  return files;
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (cause) {
    throw unreadable(folder, cause);
  }
}

function unreadable(folder: string, cause: unknown): PortcullisError {
  return new PortcullisError('E_LOG_SOURCE_TYPE', `${folder}: the folder cannot be read.`, { cause });
}
