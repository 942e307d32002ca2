import { expect, test } from 'vitest';
import { TakeDowns } from './take-downs.ts';

test('whoever is cut in one go is told before anything is taken down, and that goes one by one', async () => {
  const order: string[] = [];
  const takeDowns = new TakeDowns();
  const cut = async (name: string): Promise<void> => {
    order.push(`told ${name}`);
    await takeDowns.turn();
    order.push(`down ${name}`);
    queueMicrotask(() => order.push(`others after ${name}`));
  };
  const all = ['a', 'b', 'c'].map(cut);
  await Promise.all(all);
  await takeDowns.turn();
  expect(order).toEqual([
    'told a',
    'told b',
    'told c',
    'down a',
    'others after a',
    'down b',
    'others after b',
    'down c',
    'others after c',
  ]);
});
