import { connect } from 'node:net';

/**
 * Sends bytes as they are, which no HTTP client would, and gives everything that came back. Whoever sends more than
 * is read is cut off; what was answered before that counts.
 */
export function sendRaw(address: string, bytes: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const [host = '', port = ''] = address.split(':');
  let text = '';
  const socket = connect(Number(port), host, () => socket.write(bytes, 'latin1'));
  socket.on('data', (chunk) => {
    if (text.length < 100_000) text += chunk.toString('latin1');
  });
  socket.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'ECONNRESET' || error.code === 'EPIPE') resolve(text);
    else reject(error);
  });
  socket.on('close', () => resolve(text));
  return promise;
}

/** The final status: an interim `100 Continue` is passed over. */
export function statusOf(answer: string): number {
  return Number(answer.replace(/^HTTP\/1\.1 100 Continue\r\n\r\n/, '').slice(9, 12));
}

export function bodyOf(answer: string): string {
  return answer.slice(answer.indexOf('\r\n\r\n') + 4);
}
