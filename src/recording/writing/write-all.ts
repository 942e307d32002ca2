import { write, writeSync, writev } from 'node:fs';

/**
 * Up to this size a write is made at once: it only copies to the page cache, and handing it to the thread
 * pool and back would cost more. This runs on the recording thread, which carries no session.
 */
const AT_ONCE_UP_TO_BYTES = 16_384;

/**
 * Writes all the parts at a position, however often the file system takes only a part of them. Done when the
 * last byte was accepted; a promise only when it could not be done at once.
 */
export function writeAll(fd: number, parts: readonly Buffer[], position: number): Promise<void> | undefined {
  let bytes = 0;
  for (const part of parts) bytes += part.length;
  if (bytes > AT_ONCE_UP_TO_BYTES) return writeLarge(fd, parts, position, bytes);
  const joined = Buffer.concat(parts, bytes);
  for (let done = 0; done < bytes;) {
    const written = writeSync(fd, joined, done, bytes - done, position + done);
    if (written === 0) throw nothingAccepted();
    done += written;
  }
  return undefined;
}

/** The same, never on the calling thread. */
export async function writeLarge(
  fd: number,
  parts: readonly Buffer[],
  position: number,
  bytes: number,
): Promise<void> {
  let rest = parts;
  for (let at = position; ;) {
    const written = await writeSome(fd, rest, at);
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
      else if (written === 0) reject(nothingAccepted());
      else resolve(written);
    };
    const [only] = parts;
    if (parts.length === 1 && only !== undefined) write(fd, only, 0, only.length, position, done);
    else writev(fd, parts, position, done);
  });
}

function nothingAccepted(): Error {
  return new Error('the file system accepted no byte');
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
