import { closed, connectTo } from './intake-bed.ts';

const DIGITS = 12;
const LINE_BYTES = 550;
const PIECE_LINES = 400;
const ID_START = 'e5000000-0000-4000-8000-';

const head = `<14>jumpserver: session_command_log - {"id":"${ID_START}`;
const rest =
  '","user":"Alice(alice)","asset":"web1(10.0.1.1)","account":"root(root)","remote_addr":"198.51.100.7",' +
  '"input":"df -h","risk_level":{"value":0},"session":"5e551017-0000-4000-8000-000000000001","output":"';
const end = '"}\n';
const fill = 'x'.repeat(LINE_BYTES - head.length - DIGITS - rest.length - end.length);
const line = Buffer.from(`${head}${'0'.repeat(DIGITS)}${rest}${fill}${end}`);

/** The number in the record id of a line from `sendNumbered`. */
export function numberOf(recordId: string): number {
  return recordId.startsWith(ID_START) ? Number(recordId.slice(ID_START.length)) : Number.NaN;
}

/**
 * Sends command lines of JumpServer with the numbers `from` to `to` as their record ids, as fast as they are taken.
 * Ends early, without an error, when the other side is gone: a plain sender cannot know what became of its lines.
 */
export async function sendNumbered(port: number, from: number, to: number): Promise<void> {
  const socket = await connectTo(port);
  const gone = closed(socket);
  for (let next = from; next <= to && !socket.destroyed; next += PIECE_LINES) {
    const count = Math.min(PIECE_LINES, to - next + 1);
    const piece = Buffer.allocUnsafe(count * LINE_BYTES);
    for (let index = 0; index < count; index += 1) {
      line.copy(piece, index * LINE_BYTES);
      piece.write(String(next + index).padStart(DIGITS, '0'), index * LINE_BYTES + head.length, 'latin1');
    }
    if (socket.write(piece)) continue;
    const { promise, resolve } = Promise.withResolvers<void>();
    socket.once('drain', resolve);
    await Promise.race([gone, promise]);
  }
  socket.end();
  await gone;
}
