import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { makeEvent } from '#contract/event.ts';
import { packEvents } from './packed-events.ts';

test('every event has its JSON text, whatever stands in it', () => {
  const text = fc.string({ unit: 'binary', maxLength: 40 });
  fc.assert(
    fc.property(fc.array(fc.tuple(text, text), { maxLength: 8 }), (some) => {
      const events = some.map(([id, raw]) => makeEvent('tick', id, 1, { raw, data: { [raw]: id } }));
      const { ids, texts, ends } = packEvents(events);
      expect(ids).toEqual(some.map(([id]) => id));
      const found = ends.map((end, index) => Buffer.from(texts).toString('utf8', ends[index - 1] ?? 0, end));
      expect(found).toEqual(events.map((event) => JSON.stringify(event)));
      expect(ends.at(-1) ?? 0).toBe(texts.length);
    }),
  );
});

test('nothing but the texts is cloned with them', () => {
  const { texts } = packEvents([makeEvent('tick', 'one', 1, {})]);
  expect(structuredClone(texts).buffer.byteLength).toBe(texts.length);
});
