import { describe, expect, it } from 'vitest';
import type { JournalFields } from './calls.ts';
import { GroupCommit } from './group-commit.ts';

const eventsNamed = (...ids: readonly string[]): JournalFields => ids.flatMap((id) => [id, 1, 'tick', '{}']);

const diskFull = new Error('disk full');

function commits(append: (batches: readonly JournalFields[]) => void): GroupCommit {
  return new GroupCommit({ append, onAppended: () => {}, concernsAll: (error) => error === diskFull });
}

const outcomes = async (published: readonly Promise<void>[]): Promise<readonly string[]> =>
  (await Promise.allSettled(published)).map((result) => result.status);

describe('GroupCommit', () => {
  it('stores what arrived together in one commit, in order', async () => {
    const seen: (readonly JournalFields[])[] = [];
    const group = commits((batches) => seen.push(batches));
    await Promise.all([group.publish(eventsNamed('a')), group.publish(eventsNamed('b', 'c'))]);
    await group.publish(eventsNamed('d'));
    expect(seen).toEqual([[eventsNamed('a'), eventsNamed('b', 'c')], [eventsNamed('d')]]);
  });

  it('acknowledges only after the commit', async () => {
    const order: string[] = [];
    const group = new GroupCommit({
      append: () => order.push('stored'),
      onAppended: () => order.push('announced'),
      concernsAll: () => true,
    });
    await group.publish(eventsNamed('a')).then(() => order.push('acknowledged'));
    expect(order).toEqual(['stored', 'announced', 'acknowledged']);
  });

  it('keeps commits small enough to let others in, and one request whole', async () => {
    const sizes: number[] = [];
    const group = commits((batches) => sizes.push(batches.flat().length / 4));
    const big = eventsNamed(...Array.from({ length: 3_000 }, (_, index) => String(index)));
    await Promise.all([
      group.publish(big),
      group.publish(big),
      group.publish([...big, ...big]),
      group.publish(big),
    ]);
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
      if (batches.flat().includes('bad')) throw new Error('not storable');
    });
    const three = ['a', 'bad', 'b'].map((id) => group.publish(eventsNamed(id)));
    expect(await outcomes(three)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });

  it('stores what waits when it is flushed', async () => {
    const seen: string[] = [];
    const group = commits((batches) => seen.push(String(batches.flat()[0])));
    const published = group.publish(eventsNamed('a'));
    group.flush();
    expect(seen).toEqual(['a']);
    await published;
  });
});
