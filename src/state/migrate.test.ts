import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openStateInThread } from './in-thread.ts';
import { MIGRATIONS } from './migrations/index.ts';
import { readCommandRules } from './policy-reader.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'portcullis-migrate-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const edit = (sql: string): void => {
  const database = new DatabaseSync(join(folder, 'state.db'));
  database.exec(sql);
  database.close();
};
const open = (): ReturnType<typeof openStateInThread> => openStateInThread(join(folder, 'state.db'));

describe('migrate', () => {
  it('applies each migration once, and none when all are there', async () => {
    for (let round = 0; round < 2; round++) {
      await using state = await open();
      await state.transact((tx) =>
        tx
          .insertInto('settings')
          .values({ key: String(round), value: '' })
          .execute(),
      );
    }
    const database = new DatabaseSync(join(folder, 'state.db'));
    const stamps = database.prepare('select stamp from schema_migrations order by stamp').all();
    expect(stamps.map((row) => row['stamp'])).toEqual(MIGRATIONS.map((migration) => migration.stamp));
    expect(database.prepare('select count(*) as n from settings').get()?.['n']).toBe(2);
    database.close();
  });

  it('refuses a database that a newer version has written, and leaves it alone', async () => {
    await (await open())[Symbol.asyncDispose]();
    edit(`insert into schema_migrations values ('2199-01-01T000000-of-the-future', 1)`);
    await expect(open()).rejects.toMatchObject({
      code: 'E_STATE_VERSION',
      message: expect.stringContaining('2199-01-01T000000-of-the-future'),
    });
    edit(`delete from schema_migrations where stamp like '2199%'`);
    await (await open())[Symbol.asyncDispose]();
  });

  it('keeps the command rules of a database from before they had roles', async () => {
    await (await open())[Symbol.asyncDispose]();
    edit(`
      alter table command_rules drop column roles;
      delete from schema_migrations where stamp like '%-command-rule-roles';
      insert into command_rules values
        ('i', 'r', 'r', 10, '["*"]', '[]', '["*"]', '["root"]', 'program', '["su"]', 'deny', null, 1);
    `);
    await using state = await open();
    expect(await readCommandRules(state.reader)).toMatchObject([
      { name: 'r', users: ['*'], roles: [], accounts: ['root'], patterns: ['su'] },
    ]);
  });

  it('changes nothing when one of several migrations fails', async () => {
    // A table of that name is in the way of a late migration.
    edit('create table settings (x)');
    await expect(open()).rejects.toMatchObject({ code: 'E_STATE' });
    const database = new DatabaseSync(join(folder, 'state.db'));
    const tables = database.prepare(`select name from sqlite_master where type = 'table'`).all();
    expect(tables.map((row) => row['name'])).toEqual(['settings']);
    database.close();
  });
});
