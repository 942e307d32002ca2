import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeEvent, type EventRecord } from '#contract/event.ts';
import { newId } from '#lib/ids.ts';
import type { StreamEntry, Stream } from '#stream/stream.ts';
import { STREAM_BACKENDS } from './backends.ts';

const never = new AbortController().signal;

const event = (message: string, id: string = newId()): EventRecord =>
  makeEvent('login.failed', id, 1_795_335_706_864, { message, data: { n: 1, list: ['a', null, true] } });

const messages = (entries: readonly StreamEntry[]): readonly (string | undefined)[] =>
  entries.map((entry) => entry.event.message);

async function readAll(stream: Stream, pageSize: number): Promise<readonly StreamEntry[]> {
  const head = await stream.head();
  const all: StreamEntry[] = [];
  let position = 0;
  while (position < head) {
    const page = await stream.read(position, pageSize, never);
    all.push(...page);
    position = page.at(-1)?.position ?? head;
  }
  return all;
}

describe.each(STREAM_BACKENDS)('stream: $name', (backend) => {
  it('is empty at first, and stores nothing for nothing', async () => {
    await using opened = await backend.open();
    expect(await opened.stream.head()).toBe(0);
    await opened.stream.publish([]);
    expect(await opened.stream.head()).toBe(0);
  });

  it('gives events back as they were, in the order of each publisher', async () => {
    await using opened = await backend.open();
    const { stream } = opened;
    const text = fc.string({ unit: 'grapheme' });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(text, { maxLength: 5 }), { maxLength: 8 }), async (batches) => {
        const before = await stream.head();
        const sent = batches.map((batch) => batch.map((message) => event(message)));
        await Promise.all(sent.map((batch) => stream.publish(batch)));
        const count = sent.flat().length;
        const got = count === 0 ? [] : await stream.read(before, count, never);
        expect(got.map((entry) => entry.event)).toEqual(sent.flat());
        expect(await stream.head()).toBe(got.at(-1)?.position ?? before);
      }),
      { numRuns: 30 },
    );
  });

  it('gives growing positions, and any page size reads the same', async () => {
    await using opened = await backend.open();
    const { stream } = opened;
    await stream.publish(Array.from({ length: 25 }, (_, index) => event(String(index))));
    const all = await readAll(stream, 1000);
    const positions = all.map((entry) => entry.position);
    expect(positions).toEqual([...new Set(positions)].sort((a, b) => a - b));
    for (const size of [1, 7, 24, 25]) expect(await readAll(stream, size)).toEqual(all);
  });

  it('accepts an event that it has already, and does not store it again', async () => {
    await using opened = await backend.open();
    const { stream } = opened;
    const [a, b, c] = [event('a'), event('b'), event('c')];
    await stream.publish([a, b]);
    await stream.publish([b, c, c]);
    await Promise.all([stream.publish([a]), stream.publish([c])]);
    expect(messages(await readAll(stream, 100))).toEqual(['a', 'b', 'c']);
  });

  it('lets a reader wait and wakes it when something is published', async () => {
    await using opened = await backend.open();
    const { stream } = opened;
    const waiting = [stream.read(0, 10, never), stream.read(0, 10, never)];
    await stream.publish([event('first')]);
    for (const read of waiting) expect(messages(await read)).toEqual(['first']);
    const next = stream.read(await stream.head(), 10, never);
    await stream.publish([event('second')]);
    expect(messages(await next)).toEqual(['second']);
  });

  it('gives a reader that follows everything exactly once while many publish', async () => {
    await using opened = await backend.open();
    const { stream } = opened;
    const total = 600;
    const followed: string[] = [];
    const follow = async (): Promise<void> => {
      let position = 0;
      while (followed.length < total) {
        const page = await stream.read(position, 50, never);
        followed.push(...page.map((entry) => entry.event.id));
        position = page.at(-1)?.position ?? position;
      }
    };
    const following = follow();
    const sent = Array.from({ length: total }, (_, index) => event(String(index)));
    await Promise.all(sent.map((one) => stream.publish([one])));
    await following;
    expect(followed.toSorted()).toEqual(sent.map((one) => one.id).toSorted());
  });

  it('answers nothing when the signal aborts, before or while waiting', async () => {
    await using opened = await backend.open();
    const { stream } = opened;
    expect(await stream.read(0, 10, AbortSignal.abort())).toEqual([]);
    const controller = new AbortController();
    const waiting = stream.read(0, 10, controller.signal);
    await stream.head();
    controller.abort();
    expect(await waiting).toEqual([]);
  });

  it('trims what everybody has passed; positions are not given again', async () => {
    await using opened = await backend.open();
    const { stream } = opened;
    await stream.publish(Array.from({ length: 5_000 }, (_, index) => event(String(index))));
    const head = await stream.head();
    await stream.trim(head - 2);
    expect(messages(await stream.read(0, 10, never))).toEqual(['4998', '4999']);
    await stream.trim(head);
    expect(await stream.head()).toBe(head);
    // All that was before is gone: a reader from the start waits for what comes.
    const waiting = stream.read(0, 10, never);
    await stream.publish([event('after')]);
    const [entry] = await waiting;
    expect(entry?.event.message).toBe('after');
    expect(entry?.position).toBeGreaterThan(head);
  });

  it('ends the waiting of readers with an error when it is closed', async () => {
    const opened = await backend.open();
    const waiting = opened.stream.read(0, 10, never);
    const outcome = waiting.then(
      () => 'read',
      () => 'refused',
    );
    await opened.stream.head();
    await opened[Symbol.asyncDispose]();
    expect(await outcome).toBe('refused');
  });
});
