import { MessageChannel } from 'node:worker_threads';
import { expect, test } from 'vitest';
import type { Control } from './control.ts';
import { connectControl, serveControl } from './over-port.ts';

test('another thread gives orders through a port', async () => {
  const { port1, port2 } = new MessageChannel();
  const orders: unknown[] = [];
  const control: Control = {
    sessions: async () => [],
    terminate: async (order) => {
      orders.push(order);
      return { cut: [], unconfirmed: ['two'] };
    },
    tellLocks: async (by) => {
      orders.push(by);
      throw new Error('not now');
    },
  };
  serveControl(port1, control);
  const remote = connectControl(port2);
  try {
    expect(await remote.sessions()).toEqual([]);
    const order = { ids: ['x'], by: 'admin', reason: 'test' };
    expect(await remote.terminate(order)).toEqual({ cut: [], unconfirmed: ['two'] });
    await expect(remote.tellLocks('admin')).rejects.toThrow('not now');
    expect(orders).toEqual([order, 'admin']);
  } finally {
    port1.close();
    port2.close();
  }
});
