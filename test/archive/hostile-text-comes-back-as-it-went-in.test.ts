import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type EventFields, type EventRecord, makeEvent } from '#contract/event.ts';
import { newId } from '#lib/ids.ts';
import { ArchiveBed } from './archive-bed.ts';

const HOSTILE = [
  `it's "quoted"`,
  'back\\slash \\n \\t \\\\ \\0 \\x41 \\N',
  "\\'",
  '\\',
  "'",
  'NUL\0inside',
  'tab\tline\nreturn\rbell\u0007escape\u001b[31m',
  '😀 𐍈 e\u0301',
  'lone high \ud800 and low \udc00',
  '\ud83d',
  'line\u2028separator \u0085 \ufeff',
  "'; DROP TABLE portcullis.events_v1; --",
  "x') OR 1=1 --",
  "x' UNION ALL SELECT password FROM users --",
  '*/ SELECT 1 /*',
  '{user:String}',
  '{"user":"alice"}',
  '%00%27 &x=1;',
  '\\N',
  'NULL',
  'FORMAT Null',
  "['a','b']",
  '$(reboot) `reboot`',
  ' '.repeat(10),
  '🛑'.repeat(500),
];

function login(fields: EventFields): EventRecord {
  return makeEvent('login.failed', newId(), Date.now(), fields);
}

/** What the archive promises to give back: well-formed Unicode, and an empty field is an absent one. */
function promised(event: EventRecord): EventRecord {
  const kept = Object.entries(event)
    .filter(([, value]) => value !== undefined && value !== '')
    .map(([name, value]) => [name, typeof value === 'string' ? value.toWellFormed() : value]);
  return Object.fromEntries(kept) as EventRecord;
}

describe('hostile text', () => {
  let bed: ArchiveBed;
  beforeAll(async () => {
    bed = await ArchiveBed.create();
  });
  afterAll(() => bed[Symbol.asyncDispose]());

  test.each(HOSTILE)(
    '%j in every field is kept, and found by user, session, asset and address',
    async (text) => {
      const fields = {
        user: text,
        session: text,
        asset: text,
        address: text,
        command: text,
        raw: text,
        message: text,
      };
      const event = login({ ...fields, data: { text, [text]: [text] } });
      await bed.stream.publish([event]);
      await bed.settle();
      const found = await bed.archive.search({
        user: text,
        session: text.toWellFormed(),
        asset: text,
        address: text.toWellFormed(),
        limit: 10,
      });
      expect(found).toEqual([promised(event)]);
    },
  );

  test.each(HOSTILE)('%j as a text to search for is only ever a text', async (text) => {
    const found = await bed.archive.search({ text, type: 'login.failed', limit: 10_000 });
    const all = await bed.archive.search({ limit: 10_000 });
    expect(all.length).toBeGreaterThanOrEqual(HOSTILE.length);
    for (const event of found) expect(all).toContainEqual(event);
    // Quotes mark a phrase here; every other text finds at least the event that has it.
    expect(found.length).toBeGreaterThanOrEqual(text.includes('"') ? 0 : 1);
  });

  test('a field longer than any name is refused with a reason', async () => {
    await expect(bed.archive.search({ user: 'x'.repeat(1_001), limit: 1 })).rejects.toMatchObject({
      code: 'E_INPUT',
      problems: [{ path: 'user' }],
    });
  });

  test('any piece of a text between two spaces finds it', async () => {
    const piece = fc.stringMatching(/^[ -~]{1,12}$/).map((text) => text.replace(/[\s"]/g, ''));
    const foreign = fc.string({
      unit: fc.constantFrom('登', '录', '，', 'é', 'ß', 'Ж', 'а', '．', 'し', '😀', 'r', '7', '.'),
      minLength: 1,
      maxLength: 6,
    });
    const texts = fc.sample(
      fc.array(
        fc.oneof(piece, foreign).filter((text) => text !== ''),
        { minLength: 1, maxLength: 5 },
      ),
      { numRuns: 150, seed: 7 },
    );
    const events = texts.map((pieces) => login({ raw: pieces.join(' ') }));
    await bed.stream.publish(events);
    await bed.settle();
    for (const [index, event] of events.entries()) {
      const pieces = texts[index] ?? [];
      const shouted = (pieces[0] ?? '').replace(/[a-z]/g, (letter) => letter.toUpperCase());
      for (const text of [...pieces, `"${pieces.join(' ')}"`, pieces.toReversed().join(' '), shouted]) {
        const found = await bed.archive.search({ text, limit: 10_000 });
        expect(
          found.map(({ id }) => id),
          `${text} in ${event.raw}`,
        ).toContain(event.id);
      }
    }
  });

  test('events made of anything come back the same', async () => {
    const word = fc.string({
      unit: fc.oneof(
        fc.constantFrom('\\', "'", '"', '\0', '\n', '\t', '\ud800'),
        fc.string({ unit: 'binary', maxLength: 3 }),
      ),
      maxLength: 20,
    });
    const events = fc.sample(
      fc
        .record(
          {
            actor: word,
            user: word,
            address: word,
            asset: word,
            account: word,
            session: word,
            channel: word,
            command: word,
            offense: word,
            message: word,
            raw: word,
            port: fc.integer({ min: 1, max: 65_535 }),
            data: fc.dictionary(
              fc.string(),
              fc.jsonValue({ maxDepth: 4 }).filter((value) => !Object.is(value, -0)),
            ) as fc.Arbitrary<never>,
          },
          { requiredKeys: [] },
        )
        .map((fields) => login(fields)),
      { numRuns: 400, seed: 20_261_122 },
    );
    const before = await bed.stream.head();
    await bed.stream.publish(events);
    await bed.settle();
    const stored: EventRecord[] = [];
    for await (const page of bed.archive.readHistory({ afterPosition: before })) {
      stored.push(...page.map(({ event }) => event));
    }
    expect(stored).toEqual(events.map((event) => promised(JSON.parse(JSON.stringify(event)) as EventRecord)));
  });
});
