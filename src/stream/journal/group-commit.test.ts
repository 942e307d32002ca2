import { describe, expect, it } from 'vitest';
import { makeEvent } from '#contract/event.ts';
import { GroupCommit } from './group-commit.ts';
import { packEvents, type PackedEvents } from './packed-events.ts';

const eventsNamed = (...ids: readonly string[]): PackedEvents =>
  packEvents(ids.map((id) => makeEvent('tick', id, 1, {})));

const diskFull = new Error('disk full');

function commits(append: (batches: readonly PackedEvents[]) => void): GroupCommit {
  return new GroupCommit({
    append: (batches) => {
      append(batches);
      return batches.map((_, index) => index + 1);
    },
    onSettled: () => {},
    concernsAll: (error) => error === diskFull,
  });
}

const outcomes = async (published: readonly Promise<number>[]): Promise<readonly string[]> =>
  (await Promise.allSettled(published)).map((result) => result.status);

describe('GroupCommit', () => {
  it('stores what arrived together in one commit, in order', async () => {
    const seen: (readonly PackedEvents[])[] = [];
    const group = commits((batches) => seen.push(batches));
    await Promise.all([group.publish(eventsNamed('a')), group.publish(eventsNamed('b', 'c'))]);
    await group.publish(eventsNamed('d'));
    expect(seen).toEqual([[eventsNamed('a'), eventsNamed('b', 'c')], [eventsNamed('d')]]);
  });

  it('tells its publishers after the commit, each what was stored for it, and everybody else after them', async () => {
    const order: (string | number)[] = [];
    const announced = Promise.withResolvers<void>();
    const group = new GroupCommit({
      append: (batches) => {
        order.push('stored');
        return batches.map((batch) => 100 + batch.ids.length);
      },
      onSettled: () => {
        order.push('announced');
        announced.resolve();
      },
      concernsAll: () => true,
    });
    const first = group.publish(eventsNamed('a')).then((told) => order.push(told));
    // As far from the commit as an answer through several functions.
    const second = (async () => (async () => order.push(await group.publish(eventsNamed('b', 'c'))))())();
    await Promise.all([first, second, announced.promise]);
    expect(order).toEqual(['stored', 101, 102, 'announced']);
  });

  it('keeps commits small enough to let others in, and one request whole', async () => {
    const sizes: number[] = [];
    const group = commits((batches) => sizes.push(batches.flatMap(({ ids }) => ids).length));
    const many = (count: number): PackedEvents =>
      eventsNamed(...Array.from({ length: count }, (_, index) => String(index)));
    await Promise.all([3_000, 3_000, 6_000, 3_000].map((count) => group.publish(many(count))));
    expect(sizes).toEqual([3_000, 3_000, 6_000, 3_000]);
  });

  it('refuses all when the disk refuses, and goes on when it recovers', async () => {
    let full = true;
    const group = commits(() => {
      if (full) throw diskFull;
    });
    const both = [group.publish(eventsNamed('a')), group.publish(eventsNamed('b'))];
    expect(await outcomes(both)).toEqual(['rejected', 'rejected']);
    full = false;
    expect(await outcomes([group.publish(eventsNamed('a'))])).toEqual(['fulfilled']);
  });

  it('refuses only the one whose events cannot be stored', async () => {
    const group = commits((batches) => {
      if (batches.some(({ ids }) => ids.includes('bad'))) throw new Error('not storable');
    });
    const three = ['a', 'bad', 'b'].map((id) => group.publish(eventsNamed(id)));
    expect(await outcomes(three)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });

  it('stores what waits when it is flushed', async () => {
    const seen: string[] = [];
    const group = commits((batches) => seen.push(...batches.flatMap(({ ids }) => ids)));
    const published = group.publish(eventsNamed('a'));
    group.flush();
    expect(seen).toEqual(['a']);
    await published;
  });
});
