import { expect, test } from 'vitest';
import { kernelForm, sumDrops } from './kernel-drops.ts';

test('addresses are written as the kernel prints them', () => {
  expect(kernelForm('127.0.0.1', 5514)).toEqual({ file: '/proc/net/udp', text: '0100007F:158A' });
  expect(kernelForm('::1', 514)).toEqual({
    file: '/proc/net/udp6',
    text: '00000000000000000000000001000000:0202',
  });
  expect(kernelForm('localhost', 1)).toBeUndefined();
});

test('the drops of all sockets of the address are summed, and of no other', () => {
  const row = (local: string, drops: number): string =>
    `  812: ${local} 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 12345 2 0000000000000000 ${drops}`;
  const table = [
    '   sl  local_address rem_address   st tx_queue ...  drops',
    row('0100007F:158A', 3),
    row('0100007F:158B', 100),
    row('0100007F:158A', 4),
    '',
  ].join('\n');
  expect(sumDrops(table, '0100007F:158A')).toBe(7);
  expect(sumDrops(table, '0100007F:0001')).toBeNull();
});
