import { createHmac } from 'node:crypto';

/** Somebody's authenticator app, written from RFC 4226 and 6238; knows nothing of the server. */
export function authenticatorCode(secret: string, timeMs: number): string {
  const counter = Buffer.alloc(8);
  counter.writeUInt32BE(Math.floor(timeMs / 30_000), 4);
  const digest = createHmac('sha1', fromBase32(secret)).update(counter).digest();
  const offset = (digest[19] ?? 0) & 0xf;
  const number = (digest.readUInt32BE(offset) & 0x7fffffff) % 1_000_000;
  return String(number).padStart(6, '0');
}

function fromBase32(text: string): Buffer {
  const bits = Array.from(text.replaceAll(' ', ''), (letter) =>
    'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0'),
  ).join('');
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
}
