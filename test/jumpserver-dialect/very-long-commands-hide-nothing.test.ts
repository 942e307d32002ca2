import { expect, test } from 'vitest';
import { listEvents } from '#api/jumpserver/event-views.ts';
import { makeEvent } from '#contract/event.ts';
import { newId } from '#lib/ids.ts';
import { stateBackends } from '../state/backends.ts';
import { ArchiveBed } from '../archive/archive-bed.ts';

const MANY = 1_200;

test('lines too long to be answered all at once shorten the list, the newest first', async () => {
  const { backends, close } = await stateBackends();
  await using stack = new AsyncDisposableStack();
  stack.defer(close);
  const [backend] = backends;
  if (backend === undefined) throw new Error('no database');
  const { state } = stack.use(await backend.open());
  const bed = stack.use(await ArchiveBed.create());
  const now = Date.now();
  const long = 'x'.repeat(65_536);
  for (let at = 0; at < MANY; at += 100)
    await bed.stream.publish(
      Array.from({ length: 100 }, (_, index) =>
        makeEvent('command.denied', newId(), now + at + index, { user: 'mallory', command: long }),
      ),
    );
  await bed.settle();
  await expect(bed.archive.search({ types: ['command.denied'], limit: MANY })).rejects.toMatchObject({
    code: 'E_ARCHIVE',
  });
  const found = await listEvents(
    { state, archive: bed.archive },
    { search: {}, types: ['command.denied'], show: ({ time }) => ({ time }), passes: () => true },
  );
  expect(found).toHaveLength(1_000);
  expect(found[0]).toEqual({ time: now + MANY - 1 });
});
