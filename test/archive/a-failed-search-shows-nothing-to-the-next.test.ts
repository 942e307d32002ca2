import { Readable } from 'node:stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectArchive } from '#archive/connection.ts';
import type { ClickHouseClient } from '@clickhouse/client';
import { ArchiveBed } from './archive-bed.ts';

let bed: ArchiveBed;
let client: ClickHouseClient;
beforeAll(async () => {
  bed = await ArchiveBed.create();
  client = connectArchive(bed.engine);
});
afterAll(async () => {
  await client.close();
  await bed[Symbol.asyncDispose]();
});

async function select(query: string): Promise<readonly unknown[]> {
  const result = await client.query({ query, format: 'JSONEachRow' });
  return result.json();
}

test.each([
  [
    'a row that makes it throw',
    'SELECT throwIf(number = 500000), number AS secret FROM numbers(1000000)',
    395,
  ],
  [
    'its time limit',
    'SELECT number AS secret, sleepEachRow(0.001) FROM numbers(100000) SETTINGS max_block_size = 10, max_execution_time = 0.3',
    159,
  ],
  [
    'its memory limit',
    "SELECT number AS secret, groupArray(repeat('x', 1000)) FROM numbers(10000000) GROUP BY number SETTINGS max_memory_usage = 50000000",
    241,
  ],
])('a search ended by %s', async (_reason, query, code) => {
  for (let round = 0; round < 5; round += 1) {
    await expect(select(query)).rejects.toMatchObject({ code: String(code) });
    // On every connection there may be.
    const answers = await Promise.all([1, 2, 3, 4, 5].map((number) => select(`SELECT ${number} AS number`)));
    expect(answers).toEqual([1, 2, 3, 4, 5].map((number) => [{ number }]));
  }
});

test('settings and parameters do not stay behind either', async () => {
  const query_params = { secret: 'of the first' };
  const first = await client.query({
    query: 'SELECT {secret:String} AS said',
    query_params,
    format: 'JSONEachRow',
    clickhouse_settings: { max_threads: 1 },
  });
  expect(await first.json()).toEqual([{ said: 'of the first' }]);
  for (let round = 0; round < 6; round += 1) {
    await expect(select('SELECT {secret:String} AS said')).rejects.toMatchObject({
      type: 'UNKNOWN_QUERY_PARAMETER',
    });
    expect(await select("SELECT changed FROM system.settings WHERE name = 'max_threads'")).toEqual([
      { changed: 0 },
    ]);
  }
});

test('a refused insert does not disturb the next', async () => {
  await client.command({
    query: 'CREATE TABLE numbers_kept (number UInt8) ENGINE = MergeTree ORDER BY number',
  });
  const insert = async (text: string): Promise<void> => {
    const { stream } = await client.exec({
      query: 'INSERT INTO numbers_kept (number) FORMAT JSONEachRow',
      values: Readable.from([Buffer.from(text)], { objectMode: false }),
    });
    stream.resume();
  };
  await expect(insert('{"number":1}\n{"number":"no"}\n')).rejects.toMatchObject({
    type: expect.stringMatching(/PARSE/) as string,
  });
  await insert('{"number":2}\n');
  expect(await select('SELECT number FROM numbers_kept')).toEqual([{ number: 2 }]);
});
