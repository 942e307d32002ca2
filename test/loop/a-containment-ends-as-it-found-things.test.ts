import { expect, test } from 'vitest';
import { ON_LEAVE, playbooksForAWhile, startLoop } from './loop-bed.ts';
import { tempFolder } from '../testbed/temp-folder.ts';

test('a lock for a time ends by itself, and its episode with it; the next three are answered anew', async () => {
  let aheadMs = 0;
  await using folder = await tempFolder();
  const playbooks = await playbooksForAWhile(folder.path);
  await using bed = await startLoop({
    clock: () => Date.now() + aheadMs,
    playbookFolders: [playbooks],
  });
  await bed.addUser('alice');
  await bed.deny('alice', 3);
  await bed.settled();
  expect(bed.node.open('alice')).toBe(false);
  aheadMs = 8 * 3_600_000 + 1_000;
  const ended = await bed.event('lock.ended');
  expect(ended).toMatchObject({ actor: 'system', user: 'alice' });
  expect(await bed.event('offense.closed')).toMatchObject({ data: { reason: 'containment-ended' } });
  await bed.deny('alice', 3);
  await bed.settled();
  expect(await bed.offenses.show('1')).toMatchObject({ episode: 2, status: 'open' });
  expect(await bed.locks.inForce()).toHaveLength(1);
});

test('whom a person had locked before stays locked when the containment ends', async () => {
  await using bed = await startLoop();
  await bed.addUser('alice');
  const byHand = await bed.locks.add(ON_LEAVE);
  await bed.deny('alice', 3);
  await bed.settled();
  const action = await bed.storage.state.reader
    .selectFrom('actions')
    .select('before')
    .where('action', '=', 'lock')
    .executeTakeFirst();
  expect(JSON.parse(action?.before ?? '{}')).toMatchObject({ locks: [byHand.lock.id] });
  const containment = (await bed.locks.inForce()).find((lock) => lock.owner === 'portcullis');
  await bed.locks.end(containment?.id ?? '', { by: 'dan', reason: 'false alarm' });
  expect(await bed.event('offense.closed')).toMatchObject({ data: { reason: 'containment-ended' } });
  expect((await bed.locks.inForce()).map((lock) => lock.id)).toEqual([byHand.lock.id]);
  expect(bed.node.open('alice')).toBe(false);
});
