import { join } from 'node:path';
import { afterAll, beforeEach, afterEach, describe, expect, test } from 'vitest';
import { enrolSecondFactor, newTotpSecret, removeSecondFactor } from '#identity/enrolment.ts';
import { createSecondFactors, type SecondFactors } from '#identity/second-factors.ts';
import { newId } from '#lib/ids.ts';
import { Secret } from '#lib/secret.ts';
import { toBase32 } from '#identity/base32.ts';
import { rekeyAll } from '#recording/keeping/sealed-places.ts';
import type { State } from '#state/state.ts';
import { UserReader } from '#state/user-reader.ts';
import { openVault, type KeyedVault } from '#vault/open-vault.ts';
import { stateBackends } from '../state/backends.ts';
import { tempFolder } from '../testbed/temp-folder.ts';
import { authenticatorCode } from '#main/demo/authenticator.ts';
import { addUser } from '../testbed/people.ts';

const { backends, close } = await stateBackends();
afterAll(close);
const NOW = 1_800_000_000_000;
const STEP_MS = 30_000;

describe.each(backends)('second factors on $name', (backend) => {
  let stack: AsyncDisposableStack;
  let state: State;
  let vault: KeyedVault;
  let nowMs = NOW;
  let monotonicMs = 0;
  const secret = newTotpSecret();
  const alice = { id: newId(), username: 'alice' };
  /** As after a restart: nothing but the database remembers. */
  const fresh = (): SecondFactors =>
    createSecondFactors({ state, vault, clock: () => nowMs, monotonicClock: () => monotonicMs });
  const check = (code: string, factors = fresh()) => factors.check(alice, new Secret(code));
  const code = (awaySteps = 0): string =>
    authenticatorCode(toBase32(secret.expose()), nowMs + awaySteps * STEP_MS);
  const enrol = (typed: string) =>
    state.transact((tx, emit) =>
      enrolSecondFactor(
        tx,
        emit,
        vault,
        { userId: alice.id, username: 'alice', by: 'alice', address: null, secret, code: new Secret(typed) },
        nowMs,
      ),
    );

  beforeEach(async () => {
    stack = new AsyncDisposableStack();
    const folder = stack.use(await tempFolder());
    ({ state } = stack.use(await backend.open()));
    vault = await openVault({ keyFile: join(folder.path, 'master.key'), createIfMissing: true });
    nowMs = NOW;
    monotonicMs = 0;
    await state.transact((tx) => addUser(tx, alice, NOW));
  });
  afterEach(() => stack.disposeAsync());

  test('a wrong code enrols nothing', async () => {
    expect(await enrol('000000')).toBeUndefined();
    expect((await new UserReader(state.reader).findById(alice.id))?.secondFactor.isEnrolled).toBe(false);
    expect(await check(code())).toBe('wrong');
  });

  test('each code counts once, also after a restart, the one of the enrolment included', async () => {
    expect(await enrol(code())).toHaveLength(10);
    expect(await check(code())).toBe('wrong');
    expect(await check(code(1))).toBe('right');
    expect(await check(code(1))).toBe('wrong');
    expect(await check(code())).toBe('wrong');
    nowMs += 2 * STEP_MS;
    expect(await check(code())).toBe('right');
  });

  test('two tries with one code at once: one is let in', async () => {
    await enrol(code());
    const outcomes = await Promise.all([check(code(1)), check(code(1)), check(code(1))]);
    expect(outcomes.toSorted()).toEqual(['right', 'wrong', 'wrong']);
  });

  test('a recovery code counts once, however it is typed, and not for somebody else', async () => {
    const codes = (await enrol(code())) ?? [];
    const [first = '', second = ''] = codes.map((one) => one.expose());
    expect(await check(` ${first.toUpperCase().replaceAll('-', ' ')} `)).toBe('right');
    expect(await check(first)).toBe('wrong');
    expect(await fresh().check({ id: newId(), username: 'bob' }, new Secret(second))).toBe('wrong');
    expect(await check(second)).toBe('right');
  });

  test('after five wrong codes the right one waits as well', async () => {
    await enrol(code());
    const factors = fresh();
    for (let count = 0; count < 5; count += 1) expect(await check('000000', factors)).toBe('wrong');
    expect(await check(code(1), factors)).toBe('paused');
    monotonicMs += 30_000;
    expect(await check(code(1), factors)).toBe('right');
  });

  test('what was removed is dead, recovery codes included', async () => {
    const [first] = (await enrol(code())) ?? [];
    const about = { userId: alice.id, username: 'alice', by: 'root', address: '192.0.2.5' };
    const told: unknown[] = [];
    const removed = await state.transact((tx) =>
      removeSecondFactor(tx, (event) => void told.push(event), about, nowMs),
    );
    expect(removed).toBe(true);
    expect(told).toMatchObject([
      { type: 'user.second_factor_removed', user: 'alice', actor: 'root', address: '192.0.2.5' },
    ]);
    expect(await check(code(1))).toBe('wrong');
    expect(await check(first?.expose() ?? '')).toBe('wrong');
    expect(await state.transact((tx, emit) => removeSecondFactor(tx, emit, about, nowMs))).toBe(false);
  });

  test('another master key opens what was sealed before', async () => {
    await enrol(code());
    await vault.addKey();
    const report = await rekeyAll(state, vault, { clock: () => nowMs, actor: 'test' });
    await vault.retireKeys(new Set(report.keysInUse));
    expect(report.resealed['second factors']).toBe(1);
    expect(await check(code(1))).toBe('right');
  });

  test('a name is asked for a code or not for good, whether or not somebody has it', async () => {
    await enrol(code());
    await state.transact(async (tx) => {
      for (let number = 0; number < 3; number += 1) await addUser(tx, { username: `person${number}` }, NOW);
    });
    // One of four persons has one, so about a quarter of the names that nobody has are asked.
    const names = Array.from({ length: 400 }, (_, number) => `nobody${number}`);
    const answers = async (): Promise<readonly boolean[]> => {
      const factors = fresh();
      return Promise.all(names.map((name) => factors.isAskedOf(name, undefined)));
    };
    const first = await answers();
    const asked = first.filter(Boolean).length;
    // Chance misses these bounds less than once in a million runs (binomial, n = 400, p = 1/4).
    expect(asked).toBeGreaterThan(55);
    expect(asked).toBeLessThan(150);
    expect(await answers()).toEqual(first);
  });
});
