import { expect, test } from 'vitest';
import { makeEvent } from '#contract/event.ts';
import { newId } from '#lib/ids.ts';
import { ArchiveBed } from './archive-bed.ts';
import { SeededEvents } from './seeded-events.ts';

test('an event too large for a request is kept as a stub that says so; its neighbours are kept whole', async () => {
  await using bed = await ArchiveBed.create();
  const giant = makeEvent('foreign.unparsed', newId(), Date.now(), { raw: 'x '.repeat(34 * 2 ** 20) });
  // Its row is not the text in which it is stored: what looks like half a character has to be made sure of.
  const odd = makeEvent('tick', newId(), Date.now(), { raw: 'C:\\udev', data: { kept: { as: 'it is' } } });
  const before = [...new SeededEvents(21).take(15), odd];
  const after = new SeededEvents(22).take(15);
  await bed.stream.publish([...before, giant, ...after]);
  await bed.settle();
  const [stub] = await bed.archive.search({ text: 'archived', type: 'foreign.unparsed', limit: 10 });
  expect(stub).toMatchObject({ id: giant.id, time: giant.time, type: giant.type });
  expect(stub?.message).toMatch(/^This event could not be archived as it is: .*TOO_MANY_BYTES/);
  const ids = await bed.values<string>('SELECT toString(id) FROM portcullis.events_v1 ORDER BY position');
  expect(ids).toEqual([...before, giant, ...after].map(({ id }) => id));
  expect(await bed.archive.search({ type: 'tick', text: 'kept', limit: 10 })).toEqual([odd]);
});

test('fields outside their range are made to fit', async () => {
  await using bed = await ArchiveBed.create();
  const odd = [
    makeEvent('tick', 'no-uuid', Number.MAX_VALUE, {}),
    makeEvent('tick', newId(), Number.NaN, { port: -7 }),
    makeEvent('tick', newId(), -1.5, { seen: Number.NEGATIVE_INFINITY, port: 1e9 }),
    makeEvent('tick', newId(), 1, { seen: 8e15 }),
  ];
  await bed.stream.publish(odd);
  await bed.settle();
  await bed.values('OPTIMIZE TABLE portcullis.events_v1 FINAL');
  expect(await bed.values('SELECT count() FROM portcullis.events_v1')).toEqual(['4']);
});
