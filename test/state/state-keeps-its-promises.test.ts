import * as fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { sql, type Kysely } from 'kysely';
import { makeEvent, type EventRecord } from '#contract/event.ts';
import { newId } from '#lib/ids.ts';
import { commitPosition, lowestPosition, readPosition } from '#state/consumer-positions.ts';
import { isUniqueViolation, StateError } from '#state/errors.ts';
import { OutboxRelay } from '#state/outbox-relay.ts';
import type { StateTables } from '#state/schema.ts';
import { withStatements } from '#state/statements.ts';
import { logger, stateBackends } from './backends.ts';
import { ROWS } from './rows.ts';

const { backends, close } = await stateBackends();
afterAll(close);

const event = (message: string): EventRecord => makeEvent('object.created', newId(), 1, { message });

const setting = (tx: Kysely<StateTables>, key: string, value: string): Promise<unknown> =>
  tx.insertInto('settings').values({ key, value }).execute();

const failureOf = (error: unknown): string => (error instanceof StateError ? error.failure : String(error));

async function refusal(work: Promise<unknown>): Promise<unknown> {
  try {
    await work;
  } catch (error) {
    return error;
  }
  throw new Error('this should have been refused');
}

describe.each(backends)('state on $name', (backend) => {
  it('keeps a full row of every table and gives it back as it was', async () => {
    await using opened = await backend.open();
    const { state } = opened;
    const tables = Object.keys(ROWS) as (keyof StateTables)[];
    // `offenses` before what refers to it; everything else stands in order.
    tables.sort((a, b) => Number(b === 'offenses') - Number(a === 'offenses'));
    await state.transact(async (tx) => {
      for (const table of tables) await tx.insertInto(table).values(ROWS[table]).execute();
    });
    for (const table of tables) {
      const rows = await state.reader.selectFrom(table).selectAll().execute();
      expect(rows).toEqual([ROWS[table]]);
    }
  });

  it('gives back any text and any safe integer unchanged', async () => {
    await using opened = await backend.open();
    const { state } = opened;
    const text = fc.string({ unit: 'binary' }).filter((value) => !value.includes('\0'));
    await fc.assert(
      fc.asyncProperty(text, fc.maxSafeInteger(), async (value, number) => {
        await state.transact(async (tx) => {
          await tx.deleteFrom('settings').execute();
          await setting(tx, 'k', value);
          await tx.deleteFrom('groups').execute();
          await tx
            .insertInto('groups')
            .values({ id: 'g', name: 'g', nameKey: 'g', secondFactor: 0, createdAt: number })
            .execute();
        });
        const row = await state.reader.selectFrom('settings').select('value').executeTakeFirst();
        const group = await state.reader.selectFrom('groups').select('createdAt').executeTakeFirst();
        expect([row?.value, group?.createdAt]).toEqual([value, number === 0 ? 0 : number]);
      }),
      { numRuns: 50 },
    );
  });

  it('runs statements that wait for nothing in the order in which they were added', async () => {
    await using opened = await backend.open();
    const { state } = opened;
    const seen = await state.transact((tx) =>
      withStatements(tx, async (statements) => {
        statements.add(tx.insertInto('settings').values({ key: 'n', value: '0' }));
        for (let n = 1; n <= 100; n += 1)
          statements.add(
            tx
              .updateTable('settings')
              .set({ value: String(n) })
              .where('value', '=', String(n - 1)),
          );
        return tx.selectFrom('settings').select('value').executeTakeFirst();
      }),
    );
    expect(seen?.value).toBe('100');
  });

  it('tells the first failure of statements that wait for nothing, and stores none of them', async () => {
    await using opened = await backend.open();
    const { state } = opened;
    const error = await refusal(
      state.transact((tx) =>
        withStatements(tx, async (statements) => {
          for (const value of ['first', 'second', 'third'])
            statements.add(tx.insertInto('settings').values({ key: 'same', value }));
          await tx.selectFrom('settings').select('value').execute();
        }),
      ),
    );
    expect(failureOf(error)).toBe('unique');
    expect(await state.reader.selectFrom('settings').selectAll().execute()).toEqual([]);
  });

  it('refuses what would be stored as something else', async () => {
    await using opened = await backend.open();
    for (const value of [new Date(0), undefined, Number.NaN, 2 ** 53, Number.POSITIVE_INFINITY, {}, [1]]) {
      const error = await refusal(
        opened.state.transact((tx) => sql`update consumers set position = ${value}`.execute(tx)),
      );
      expect(error).toBeInstanceOf(TypeError);
    }
  });

  it('names what was violated, and in which table', async () => {
    await using opened = await backend.open();
    const { state } = opened;
    await state.transact((tx) => tx.insertInto('users').values(ROWS.users).execute());
    const again = await refusal(
      state.transact((tx) =>
        tx
          .insertInto('users')
          .values({ ...ROWS.users, id: 'x' })
          .execute(),
      ),
    );
    expect([
      isUniqueViolation(again),
      isUniqueViolation(again, 'users'),
      isUniqueViolation(again, 'groups'),
    ]).toEqual([true, true, false]);
    expect(again).toMatchObject({ name: 'PortcullisError', code: 'E_CONFLICT' });
    const sameId = await refusal(
      state.transact((tx) =>
        tx
          .insertInto('users')
          .values({ ...ROWS.users, usernameKey: 'alice' })
          .execute(),
      ),
    );
    expect(isUniqueViolation(sameId, 'users')).toBe(true);
    const orphan = await refusal(
      state.transact((tx) =>
        tx
          .insertInto('user_keys')
          .values({ ...ROWS.user_keys, userId: 'nobody' })
          .execute(),
      ),
    );
    expect(failureOf(orphan)).toBe('foreign-key');
    const flag = await refusal(
      state.transact((tx) =>
        tx
          .insertInto('user_keys')
          .values({ ...ROWS.user_keys, suspended: 2 })
          .execute(),
      ),
    );
    expect(failureOf(flag)).toBe('check');
    const empty = await refusal(
      state.transact((tx) => sql`insert into settings (key, value) values ('a', null)`.execute(tx)),
    );
    expect(failureOf(empty)).toBe('not-null');
    const wrongType = await refusal(
      state.transact((tx) => sql`insert into consumers values ('a', 'text', 1)`.execute(tx)),
    );
    expect(wrongType).toMatchObject({ code: 'E_STATE' });
  });

  it('lets one offense per key be open, and any number closed', async () => {
    await using opened = await backend.open();
    const { state } = opened;
    const insert = (id: string, number: number, status: 'open' | 'closed'): Promise<unknown> =>
      state.transact((tx) =>
        tx
          .insertInto('offenses')
          .values({ ...ROWS.offenses, id, number, status })
          .execute(),
      );
    await insert('a', 1, 'closed');
    await insert('b', 2, 'closed');
    await insert('c', 3, 'open');
    expect(isUniqueViolation(await refusal(insert('d', 4, 'open')), 'offenses')).toBe(true);
  });

  it('compares and orders text byte by byte, and LIKE by letter case', async () => {
    await using opened = await backend.open();
    const { state } = opened;
    await state.transact(async (tx) => {
      for (const key of ['b', 'B', 'ä', 'a', 'Z', '_']) await setting(tx, key, '');
    });
    const ordered = await state.reader.selectFrom('settings').select('key').orderBy('key').execute();
    expect(ordered.map((row) => row.key)).toEqual(['B', 'Z', '_', 'a', 'b', 'ä']);
    const like = await state.reader.selectFrom('settings').select('key').where('key', 'like', 'b%').execute();
    expect(like).toEqual([{ key: 'b' }]);
  });

  it('counts and sums as numbers', async () => {
    await using opened = await backend.open();
    const { state } = opened;
    await state.transact((tx) => tx.insertInto('recordings').values(ROWS.recordings).execute());
    const row = await state.reader
      .selectFrom('recordings')
      .select((eb) => [eb.fn.countAll<number>().as('count'), eb.fn.sum<number>('bytes').as('bytes')])
      .executeTakeFirst();
    expect(row).toEqual({ count: 1, bytes: 5_000_000_000 });
  });

  it('stores nothing of a transaction whose work throws, events included', async () => {
    await using opened = await backend.open();
    const { state } = opened;
    const thrown = await refusal(
      state.transact(async (tx, emit) => {
        await setting(tx, 'a', '1');
        emit(event('lost'));
        throw new Error('changed my mind');
      }),
    );
    expect(thrown).toMatchObject({ message: 'changed my mind' });
    expect(await state.reader.selectFrom('settings').selectAll().execute()).toEqual([]);
    expect(await state.reader.selectFrom('event_outbox').selectAll().execute()).toEqual([]);
  });

  it('stores nothing of a transaction that goes on after a failed statement', async () => {
    await using opened = await backend.open();
    const { state } = opened;
    const error = await refusal(
      state.transact(async (tx) => {
        await setting(tx, 'a', '1');
        await setting(tx, 'a', '2').catch(() => {});
        return 'as if nothing had happened';
      }),
    );
    expect(error).toBeInstanceOf(StateError);
    expect(await state.reader.selectFrom('settings').selectAll().execute()).toEqual([]);
    await state.transact((tx) => setting(tx, 'b', '1'));
    expect(await state.reader.selectFrom('settings').select('key').execute()).toEqual([{ key: 'b' }]);
  });

  it('writes 1,201 events of one transaction to the outbox in order, the same id once', async () => {
    await using opened = await backend.open();
    const { state } = opened;
    const events = Array.from({ length: 1_201 }, (_, index) => event(String(index)));
    const [first] = events;
    if (first === undefined) throw new Error('unreachable');
    await state.transact(async (_tx, emit) => {
      for (const one of events) emit(one);
    });
    await state.transact(async (_tx, emit) => emit(first));
    const rows = await state.reader
      .selectFrom('event_outbox')
      .select(['eventId', 'event'])
      .orderBy('seq')
      .execute();
    expect(rows.map((row) => row.eventId)).toEqual(events.map((one) => one.id));
    expect(JSON.parse(rows[7]?.event ?? '')).toEqual(events[7]);
  });

  it('lets 20 transactions run at once and none overwrite another', async () => {
    await using opened = await backend.open();
    const { state } = opened;
    await state.transact((tx) => commitPosition(tx, 'counter', 0, 0));
    const add = async (): Promise<void> =>
      state.transact(async (tx) => {
        const position = await readPosition(tx, 'counter');
        await tx.selectFrom('settings').selectAll().execute();
        await tx
          .updateTable('consumers')
          .set({ position: position + 1 })
          .execute();
      });
    await Promise.all(Array.from({ length: 20 }, add));
    expect(await readPosition(state.reader, 'counter')).toBe(20);
  });

  it('lets the reader answer inside a transaction, with what was there before it', async () => {
    await using opened = await backend.open();
    const { state } = opened;
    const seen = await state.transact(async (tx) => {
      await setting(tx, 'a', '1');
      return [
        (await state.reader.selectFrom('settings').selectAll().execute()).length,
        (await tx.selectFrom('settings').selectAll().execute()).length,
      ];
    });
    expect(seen).toEqual([0, 1]);
  });

  it('lets the reader write nothing', async () => {
    await using opened = await backend.open();
    const error = await refusal(setting(opened.state.reader, 'a', '1'));
    expect(error).toMatchObject({ code: 'E_STATE' });
    expect(await opened.state.reader.selectFrom('settings').selectAll().execute()).toEqual([]);
  });

  it('refuses a transaction inside a transaction at once instead of waiting for itself', async () => {
    await using opened = await backend.open();
    const { state } = opened;
    const error = await refusal(state.transact(() => state.transact((tx) => setting(tx, 'a', '1'))));
    expect(error).toMatchObject({ message: expect.stringContaining('inside transact()') });
    await state.transact((tx) => setting(tx, 'b', '1'));
  });

  it('refuses queries and events after the transaction has ended', async () => {
    await using opened = await backend.open();
    const { state } = opened;
    const kept = await state.transact((tx, emit) => Promise.resolve({ tx, emit }));
    await refusal(setting(kept.tx, 'a', '1'));
    expect(() => kept.emit(event('late'))).toThrow(StateError);
    expect(await state.reader.selectFrom('settings').selectAll().execute()).toEqual([]);
  });

  it('rolls back a transaction that never ends, and lets the next one in', async () => {
    await using opened = await backend.open({ timeoutMs: 200 });
    const { state } = opened;
    const never = Promise.withResolvers<never>();
    const hanging = refusal(
      state.transact(async (tx) => {
        await setting(tx, 'a', '1');
        return never.promise;
      }),
    );
    const next = state.transact((tx) => setting(tx, 'b', '1'));
    expect(failureOf(await hanging)).toBe('timeout');
    await next;
    expect(await state.reader.selectFrom('settings').select('key').execute()).toEqual([{ key: 'b' }]);
  });

  it('moves the position of a consumer forward only', async () => {
    await using opened = await backend.open();
    const { state } = opened;
    expect(await readPosition(state.reader, 'a')).toBe(0);
    for (const position of [5, 3, 9, 9])
      await state.transact((tx) => commitPosition(tx, 'a', position, position));
    await state.transact((tx) => commitPosition(tx, 'b', 4, 1));
    expect(await readPosition(state.reader, 'a')).toBe(9);
    expect(await lowestPosition(state.reader, ['a', 'b'])).toBe(4);
    expect(await lowestPosition(state.reader, ['a', 'b', 'never seen'])).toBe(0);
  });

  it('relays committed events in order and as they come', async () => {
    await using opened = await backend.open();
    const { state } = opened;
    await state.transact(async (_tx, emit) => emit(event('left by an earlier run')));
    const published: string[] = [];
    const arrived = Promise.withResolvers<void>();
    await using relay = new OutboxRelay({
      state,
      logger,
      publish: async (events) => {
        published.push(...events.map((one) => one.message ?? ''));
        if (published.length >= 42) arrived.resolve();
      },
    });
    await relay.settled();
    expect(published).toEqual(['left by an earlier run']);
    await state.transact(async (_tx, emit) => {
      emit(event('a'));
      emit(event('b'));
    });
    await Promise.all(
      Array.from({ length: 39 }, (_, index) =>
        state.transact(async (_tx, emit) => emit(event(String(index)))),
      ),
    );
    // Woken by the commits themselves.
    await arrived.promise;
    await relay.settled();
    expect(published.slice(1, 3)).toEqual(['a', 'b']);
    expect(published).toHaveLength(42);
    expect(await state.reader.selectFrom('event_outbox').selectAll().execute()).toEqual([]);
  });

  it('relays the same events again, with the same ids, until the stream has them', async () => {
    await using opened = await backend.open();
    const { state } = opened;
    const tries: string[][] = [];
    await using relay = new OutboxRelay({
      state,
      logger,
      publish: async (events) => {
        tries.push(events.map((one) => one.id));
        if (tries.length < 4) throw new Error('the stream is ill');
      },
    });
    const sent = event('once');
    await state.transact(async (_tx, emit) => emit(sent));
    await relay.settled();
    expect(tries).toEqual([[sent.id], [sent.id], [sent.id], [sent.id]]);
    expect(await state.reader.selectFrom('event_outbox').selectAll().execute()).toEqual([]);
  });
});
