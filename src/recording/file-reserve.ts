import { constants } from 'node:fs';
import { mkdir, open, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { SpaceReserve } from './store.ts';

const CHUNK_BYTES = 1_048_576;

/**
 * Keeps space by a file that is really written: a sparse one would keep nothing. Deleting it frees the space
 * at once.
 */
export function createFileReserve(path: string, bytes: number): SpaceReserve {
  let taking: Promise<void> | undefined;
  const take = async (): Promise<void> => {
    if ((await sizeOf(path)) === bytes) return;
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    try {
      await using file = await open(path, constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC, 0o600);
      const chunk = Buffer.alloc(Math.min(CHUNK_BYTES, bytes), 0x5a);
      for (let at = 0; at < bytes;) {
        const { bytesWritten } = await file.write(chunk, 0, Math.min(chunk.length, bytes - at), at);
        at += bytesWritten;
      }
      await file.sync();
    } catch (error) {
      await rm(path, { force: true });
      throw error;
    }
  };
  return {
    take: () => {
      taking ??= take().finally(() => {
        taking = undefined;
      });
      return taking;
    },
    release: () => rm(path, { force: true }),
  };
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch {
    return -1;
  }
}
