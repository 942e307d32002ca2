import { Client } from 'pg';
import { afterAll, describe, expect, it } from 'vitest';
import { makeEvent } from '#contract/event.ts';
import { newId } from '#lib/ids.ts';
import { OutboxRelay } from '#state/outbox-relay.ts';
import { openPostgresState } from '#state/postgres/client.ts';
import { logger } from './backends.ts';
import { findPostgres } from './postgres-server.ts';

const server = await findPostgres();
afterAll(() => server?.[Symbol.asyncDispose]());

async function newDatabase(): Promise<string> {
  if (server === undefined) throw new Error('unreachable');
  return server.newDatabase();
}

const event = (message: string): ReturnType<typeof makeEvent> =>
  makeEvent('object.created', newId(), 1, { message });

/** Ends every connection to the database but the one that says so; returns how many there were. */
async function cutAll(url: string): Promise<number> {
  const client = new Client({ connectionString: url });
  await client.connect();
  const { rowCount } = await client.query(
    'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
  );
  await client.end();
  return rowCount ?? 0;
}

describe.runIf(server !== undefined)('PostgreSQL', () => {
  it('wakes the relay of one process by the commits of another', async () => {
    const url = await newDatabase();
    await using mine = await openPostgresState({ url, logger, migrate: true });
    await using theirs = await openPostgresState({ url, logger, migrate: true });
    const heard = Promise.withResolvers<void>();
    let listening = 0;
    // The first call says that it listens, the second that something was committed.
    mine.onEmitted(() => {
      listening += 1;
      if (listening === 1) void theirs.transact((_tx, emit) => Promise.resolve(emit(event('theirs'))));
      else heard.resolve();
    });
    await heard.promise;
    const rows = await mine.reader.selectFrom('event_outbox').select('event').execute();
    expect(rows).toHaveLength(1);
  });

  it('lets two processes migrate and write at once without overwriting each other', async () => {
    const url = await newDatabase();
    const open = (): ReturnType<typeof openPostgresState> =>
      openPostgresState({ url, logger, migrate: true });
    const [one, other] = await Promise.all([open(), open()]);
    await one.transact((tx) => tx.insertInto('settings').values({ key: 'n', value: '0' }).execute());
    const add = async (state: typeof one): Promise<void> =>
      state.transact(async (tx) => {
        const row = await tx.selectFrom('settings').select('value').executeTakeFirstOrThrow();
        await tx
          .updateTable('settings')
          .set({ value: String(Number(row.value) + 1) })
          .execute();
      });
    await Promise.all(Array.from({ length: 30 }, (_, index) => add(index % 2 === 0 ? one : other)));
    const row = await one.reader.selectFrom('settings').select('value').executeTakeFirst();
    expect(row?.value).toBe('30');
    await Promise.all([one[Symbol.asyncDispose](), other[Symbol.asyncDispose]()]);
  });

  it('fails what is under way when its connections are cut, stores nothing of it, and goes on', async () => {
    const url = await newDatabase();
    await using state = await openPostgresState({ url, logger, migrate: true });
    const published: string[] = [];
    const arrived = Promise.withResolvers<void>();
    await using relay = new OutboxRelay({
      state,
      logger,
      publish: async (events) => {
        published.push(...events.map((one) => one.message ?? ''));
        arrived.resolve();
      },
    });
    await relay.settled();
    await expect(
      state.transact(async (tx, emit) => {
        await tx.insertInto('settings').values({ key: 'cut', value: '' }).execute();
        emit(event('cut'));
        expect(await cutAll(url)).toBeGreaterThan(1);
      }),
    ).rejects.toMatchObject({ name: 'PortcullisError' });
    await state.transact(async (tx, emit) => {
      await tx.insertInto('settings').values({ key: 'after', value: '' }).execute();
      emit(event('after'));
    });
    await arrived.promise;
    expect(published).toEqual(['after']);
    expect(await state.reader.selectFrom('settings').select('key').execute()).toEqual([{ key: 'after' }]);
  });

  it('says so when it cannot be reached', async () => {
    await expect(
      openPostgresState({ url: 'postgres://nobody@127.0.0.1:1/none', logger, migrate: true }),
    ).rejects.toMatchObject({ name: 'PortcullisError', code: 'E_UNAVAILABLE' });
  });
});
