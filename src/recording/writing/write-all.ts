import { write, writev } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';

const JOIN_UP_TO_BYTES = 32_768;

/**
 * Writes all the parts at a position, however often the file system takes only a part of them. Resolves when
 * the last byte was accepted. Callbacks instead of the promise interface: this runs for every keystroke.
 */
export async function writeAll(file: FileHandle, parts: readonly Buffer[], position: number): Promise<void> {
  let bytes = 0;
  for (const part of parts) bytes += part.length;
  let rest: readonly Buffer[] = bytes <= JOIN_UP_TO_BYTES ? [Buffer.concat(parts, bytes)] : parts;
  let at = position;
  for (;;) {
    const written = await writeSome(file.fd, rest, at);
    at += written;
    if (at === position + bytes) return;
    rest = after(rest, written);
  }
}

function writeSome(fd: number, parts: readonly Buffer[], position: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const done = (error: Error | null, written: number): void => {
      if (error !== null) reject(error);
      // A write that takes nothing and reports nothing would otherwise be repeated for ever.
      else if (written === 0) reject(new Error('the file system accepted no byte'));
      else resolve(written);
    };
    const [only] = parts;
    if (parts.length === 1 && only !== undefined) write(fd, only, 0, only.length, position, done);
    else writev(fd, parts, position, done);
  });
}

function after(parts: readonly Buffer[], written: number): readonly Buffer[] {
  let skip = written;
  const rest: Buffer[] = [];
  for (const part of parts) {
    if (skip >= part.length) skip -= part.length;
    else {
      rest.push(part.subarray(skip));
      skip = 0;
    }
  }
  return rest;
}
