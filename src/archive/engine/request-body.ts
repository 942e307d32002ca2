import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { EngineError } from './engine-error.ts';

/** The largest body, sent or unpacked. The archiver's batches stay well below. */
export const MAX_BODY_BYTES = 64 * 2 ** 20;

const unpack = promisify<Buffer, { maxOutputLength: number }, Buffer>(gunzip);

/** Reads a request's body, bounded before and after unpacking. */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > MAX_BODY_BYTES) throw tooLarge();
  const chunks: Buffer[] = [];
  let bytes = 0;
  // Not destroyed when it is too large: the answer that says so needs the connection.
  const parts: AsyncIterable<Buffer> = request.iterator({ destroyOnReturn: false });
  for await (const chunk of parts) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) throw tooLarge();
    chunks.push(chunk);
  }
  const body = Buffer.concat(chunks, bytes);
  const encoding = request.headers['content-encoding'] ?? 'identity';
  if (encoding === 'identity') return body;
  if (encoding !== 'gzip')
    throw new EngineError(
      48,
      'NOT_IMPLEMENTED',
      `A body in ${encoding} is not supported; send gzip or plain.`,
    );
  try {
    return await unpack(body, { maxOutputLength: MAX_BODY_BYTES });
  } catch (error) {
    if (error instanceof RangeError) throw tooLarge();
    throw new EngineError(354, 'ZLIB_INFLATE_FAILED', 'The body is not gzip.');
  }
}

function tooLarge(): EngineError {
  return new EngineError(307, 'TOO_MANY_BYTES', `A body may have ${MAX_BODY_BYTES} bytes.`);
}
