import { expect, test } from 'vitest';
import { makeEvent, type EventRecord } from '#contract/event.ts';
import { newId } from '#lib/ids.ts';
import { createLogger } from '#lib/log.ts';
import { MemoryStream } from './memory.ts';
import type { Stream } from './stream.ts';
import { watchStream } from './watched-stream.ts';

/** A stream on a disk that is full while `isFull` is set. */
class FullDisk extends MemoryStream {
  isFull = false;
  refusals = 0;

  override publish(events: readonly EventRecord[]): Promise<void> {
    if (!this.isFull) return super.publish(events);
    this.refusals += 1;
    return Promise.reject(new Error('the disk is full'));
  }
}

function bed(retryMs = 1): {
  readonly disk: FullDisk;
  readonly stream: Stream;
  readonly time: { nowMs: number };
} {
  const disk = new FullDisk();
  const time = { nowMs: 1_000 };
  const stream = watchStream(disk, {
    clock: () => time.nowMs,
    newId,
    logger: createLogger('silent'),
    retryMs,
  });
  return { disk, stream, time };
}

const event = (): EventRecord => makeEvent('session.ended', newId(), 1, {});

async function next(stream: Stream, after: number): Promise<EventRecord | undefined> {
  const [entry] = await stream.read(after, 1, AbortSignal.timeout(5_000));
  return entry?.event;
}

test('what could not be written is owned up to once something can be', async () => {
  const { disk, stream, time } = bed();
  await stream.publish([event()]);
  disk.isFull = true;
  await expect(stream.publish([event(), event()])).rejects.toThrow('the disk is full');
  time.nowMs += 2_500;
  await expect(stream.publish([event()])).rejects.toThrow('the disk is full');
  while (disk.refusals < 5) await new Promise(setImmediate);
  disk.isFull = false;
  expect(await next(stream, 1)).toMatchObject({
    type: 'audit.failed',
    severity: 'critical',
    message: '3 events within 3 seconds could not be written to the audit trail: the disk is full',
    data: { events: 3, from: 1_000, until: 3_500, reason: 'the disk is full' },
  });
});

test('an outage that was told is over; the next is another one', async () => {
  const { disk, stream } = bed();
  for (const position of [0, 1]) {
    disk.isFull = true;
    await expect(stream.publish([event()])).rejects.toThrow('the disk is full');
    disk.isFull = false;
    expect(await next(stream, position)).toMatchObject({ data: { events: 1 } });
  }
});

test('a stream that is closed tells what it still can', async () => {
  const { disk, stream } = bed(60_000);
  disk.isFull = true;
  await expect(stream.publish([event()])).rejects.toThrow('the disk is full');
  disk.isFull = false;
  await stream[Symbol.asyncDispose]();
  expect(await next(disk, 0)).toMatchObject({ type: 'audit.failed' });
});

test('nothing is said where nothing went wrong', async () => {
  const { stream } = bed();
  await stream.publish([event()]);
  await stream[Symbol.asyncDispose]();
  expect(await stream.head()).toBe(1);
});
