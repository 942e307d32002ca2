import { expect, test } from 'vitest';
import { DataPackets, type PacketWire } from './data-packets.ts';

class AESGCMCipherBinding {
  outSeqno = 0;
  readonly _dead: boolean;
  readonly encrypted: Buffer[] = [];
  readonly _instance = {
    encrypt: (packet: Buffer): void => {
      if (this._dead) throw new Error('no cipher set');
      this.encrypted.push(packet);
    },
  };

  constructor(dead: boolean) {
    this._dead = dead;
  }
}

function wireWith(
  cipher: AESGCMCipherBinding,
  destroyed: boolean,
): { readonly wire: PacketWire; readonly written: Buffer[] } {
  const written: Buffer[] = [];
  const socket = {
    writableLength: 0,
    destroyed,
    writable: !destroyed,
    write: (bytes: Buffer) => written.push(bytes),
  };
  return { wire: { protocol: { _cipher: cipher }, socket } as unknown as PacketWire, written };
}

test('a packet for a living connection is encrypted and written', () => {
  const cipher = new AESGCMCipherBinding(false);
  const { wire, written } = wireWith(cipher, false);
  const packets = new DataPackets(wire);
  packets.add(0, Buffer.from('hello'), false);
  packets.flush();
  expect(cipher.encrypted).toHaveLength(1);
  expect(written).toHaveLength(1);
});

test.each([
  ['keys that were freed', true, false],
  ['a socket that was destroyed', false, true],
])('nothing is sent, and nothing thrown, with %s', (_what, dead, destroyed) => {
  const cipher = new AESGCMCipherBinding(dead);
  const { wire, written } = wireWith(cipher, destroyed);
  const packets = new DataPackets(wire);
  expect(() => packets.add(0, Buffer.from('last words'), true)).not.toThrow();
  packets.flush();
  expect(written).toEqual([]);
});
