import { expect, test } from 'vitest';
import { QueueFullError, WorkQueue } from './work-queue.ts';

test('never runs more at once than allowed, keeps the order, and survives failures', async () => {
  const queue = new WorkQueue({ concurrency: 2, maxWaiting: 100 });
  const started: number[] = [];
  let running = 0;
  let most = 0;
  const results = await Promise.allSettled(
    Array.from({ length: 20 }, (_, index) =>
      queue.run(async () => {
        started.push(index);
        running += 1;
        most = Math.max(most, running);
        await new Promise((resolve) => {
          setImmediate(resolve);
        });
        running -= 1;
        if (index % 3 === 0) throw new Error('no');
        return index;
      }),
    ),
  );
  expect(most).toBe(2);
  expect(started).toEqual(Array.from({ length: 20 }, (_, index) => index));
  expect(results.filter((one) => one.status === 'rejected')).toHaveLength(7);
});

test('refuses at once what finds the queue full', async () => {
  const queue = new WorkQueue({ concurrency: 1, maxWaiting: 1 });
  const gate = Promise.withResolvers<void>();
  const first = queue.run(() => gate.promise);
  const second = queue.run(() => Promise.resolve('second'));
  await expect(queue.run(() => Promise.resolve('third'))).rejects.toThrow(QueueFullError);
  gate.resolve();
  await first;
  expect(await second).toBe('second');
  expect(await queue.run(() => Promise.resolve('later'))).toBe('later');
});
