import { afterAll, describe, expect, it } from 'vitest';
import { forgetLogins, LOGINS_REMEMBERED_MS, peopleAt, rememberLogins } from '#state/login-addresses.ts';
import type { State } from '#state/state.ts';
import { stateBackends } from './backends.ts';

const { backends, close } = await stateBackends();
afterAll(close);

const NOW = 100 * 86_400_000;
const alice = (timeMs: number, address = '192.0.2.1') => ({ address, person: 'gateway:alice', timeMs });
const bob = (timeMs: number, address = '192.0.2.1') => ({ address, person: 'gateway:bob', timeMs });

const at = (state: State, address: string, beforeMs = NOW, limit = 10): Promise<readonly string[]> =>
  peopleAt(state.reader, address, { beforeMs, nowMs: NOW }, limit);

describe.each(backends)('logins on $name', (backend) => {
  it('knows who was there before a moment, in order, at most so many', async () => {
    await using opened = await backend.open();
    const { state } = opened;
    await state.transact((tx) =>
      rememberLogins(tx, [bob(NOW - 5), alice(NOW - 9), alice(NOW - 1), bob(NOW - 7), bob(NOW, '192.0.2.2')]),
    );
    expect(await at(state, '192.0.2.1')).toEqual(['gateway:alice', 'gateway:bob']);
    expect(await at(state, '192.0.2.1', NOW, 1)).toEqual(['gateway:alice']);
    expect(await at(state, '192.0.2.1', NOW - 7)).toEqual(['gateway:alice']);
    expect(await at(state, '192.0.2.1', NOW - 9)).toEqual([]);
    expect(await at(state, '192.0.2.2')).toEqual([]);
    expect(await at(state, '192.0.2.3')).toEqual([]);
  });

  it('keeps the first and the last login, whatever is remembered again', async () => {
    await using opened = await backend.open();
    const { state } = opened;
    for (const timeMs of [NOW - 10, NOW - 5, NOW - 10, NOW - 7])
      await state.transact((tx) => rememberLogins(tx, [alice(timeMs)]));
    await state.transact((tx) => rememberLogins(tx, []));
    expect(await state.reader.selectFrom('login_addresses').selectAll().execute()).toEqual([
      { address: '192.0.2.1', person: 'gateway:alice', firstAt: NOW - 10, lastAt: NOW - 5 },
    ]);
  });

  it('forgets what is old, and of one person what is too much', async () => {
    await using opened = await backend.open();
    const { state } = opened;
    const old = NOW - LOGINS_REMEMBERED_MS;
    await state.transact(async (tx) => {
      await rememberLogins(tx, [alice(old - 1, 'old'), alice(old, 'nearly-old')]);
      for (const index of [1, 2, 3]) await rememberLogins(tx, [bob(NOW - index, `home-${index}`)]);
    });
    // What nobody has purged yet says nothing either.
    expect(await at(state, 'old')).toEqual([]);
    await state.transact((tx) => forgetLogins(tx, NOW, 2));
    const rows = await state.reader
      .selectFrom('login_addresses')
      .select('address')
      .orderBy('address')
      .execute();
    expect(rows.map((row) => row.address)).toEqual(['home-1', 'home-2', 'nearly-old']);
  });
});
