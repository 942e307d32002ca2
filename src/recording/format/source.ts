import { open, type FileHandle } from 'node:fs/promises';
import { PortcullisError } from '#contract/errors.ts';

/** The bytes of a recording, wherever they are kept. */
export interface RecordingSource extends AsyncDisposable {
  readonly bytes: number;
  /** Fills as much of the buffer as there is from the position on; returns how much. */
  read(buffer: Buffer, position: number): Promise<number>;
}

export async function openSource(path: string): Promise<RecordingSource> {
  try {
    return await fileSource(await open(path, 'r'));
  } catch (cause) {
    throw new PortcullisError(
      'E_NOT_FOUND',
      `The recording ${path} cannot be opened. Check its path and your rights.`,
      { cause },
    );
  }
}

/** The source owns the file: it is closed with it. */
export async function fileSource(file: FileHandle): Promise<RecordingSource> {
  const { size } = await file.stat();
  return {
    bytes: size,
    read: async (buffer, position) => {
      let filled = 0;
      while (filled < buffer.length) {
        const { bytesRead } = await file.read(buffer, filled, buffer.length - filled, position + filled);
        if (bytesRead === 0) break;
        filled += bytesRead;
      }
      return filled;
    },
    [Symbol.asyncDispose]: () => file.close(),
  };
}

/** A recording that is in memory already. */
export function memorySource(content: Buffer): RecordingSource {
  return {
    bytes: content.length,
    read: (buffer, position) => Promise.resolve(content.copy(buffer, 0, position)),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
