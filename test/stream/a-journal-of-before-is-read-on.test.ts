import { DatabaseSync } from 'node:sqlite';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeEvent } from '#contract/event.ts';
import { tempFolder } from '../testbed/temp-folder.ts';
import { JournalFile } from '#stream/journal/file.ts';
import { packEvents } from '#stream/journal/packed-events.ts';

test('a journal of before, with columns that nobody reads, keeps its events and takes more', async () => {
  await using folder = await tempFolder();
  const path = join(folder.path, 'journal.db');
  const before = new DatabaseSync(path);
  before.exec(
    'create table journal (seq integer primary key autoincrement, id text not null unique, time integer not null, type text not null, event text not null) strict',
  );
  before
    .prepare('insert into journal (id, time, type, event) values (?, ?, ?, ?)')
    .run('old', 1, 'tick', '{"old":1}');
  before.close();

  using journal = new JournalFile(path);
  const event = makeEvent('tick', 'new', 2, {});
  expect(journal.append([packEvents([event])])).toEqual([2]);
  // The id of before is still known.
  expect(journal.append([packEvents([makeEvent('tick', 'old', 3, {})])])).toEqual([0]);
  expect(journal.read(0, 10)).toEqual({
    positions: [1, 2],
    events: ['{"old":1}', JSON.stringify(event)],
    head: 2,
  });
});
