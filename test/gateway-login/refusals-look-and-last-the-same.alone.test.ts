import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newTotpSecret } from '#identity/enrolment.ts';
import { createLoginGuard } from '#identity/login-guard.ts';
import { runSeed, seeded } from '../testbed/seeds.ts';
import { newClientKey, openBed, type Bed } from './bed.ts';
import { authRequest, keyQuery, passwordRequest, RawClient, string } from './raw-client.ts';

interface Measured {
  readonly ms: number;
  /** Every byte the server answered, from the first request on. */
  readonly bytes: string;
}

type Refused = (raw: RawClient) => Promise<Buffer>;

const foreign = newClientKey();
const password =
  (user: string, text: string): Refused =>
  async () =>
    passwordRequest(user, text);
const query =
  (user: string): Refused =>
  async () =>
    keyQuery(user, foreign.blob);
const prompted =
  (user: string, text: string): Refused =>
  async (raw) => {
    await raw.ask(authRequest(user, 'keyboard-interactive', string(''), string('')));
    return Buffer.concat([Buffer.from('3d00000001', 'hex'), string(text)]);
  };

/** Asked for a password, then for a code, whoever it is: the answer to the second question. */
const codeAfter =
  (user: string, text: string): Refused =>
  async (raw) => {
    await raw.ask(authRequest(user, 'keyboard-interactive', string(''), string('')));
    const asked = await raw.ask(Buffer.concat([Buffer.from('3d00000001', 'hex'), string(text)]));
    if (asked !== 60) throw new Error(`no code was asked of ${user}: ${asked}`);
    return Buffer.concat([Buffer.from('3d00000001', 'hex'), string('000000')]);
  };

let connections = 0;

/** One connection, the methods asked for, one credential: how long and in which bytes it was refused. */
async function refused(port: number, user: string, credential: Refused): Promise<Measured> {
  // From many addresses: one that leaves so many connections behind is slowed down.
  connections += 1;
  using raw = await RawClient.atAuthentication(port, `127.0.5.${1 + (connections % 100)}`);
  raw.send(authRequest(user, 'none'));
  const methods = await raw.answer();
  const request = await credential(raw);
  const before = performance.now();
  raw.send(request);
  const answer = await raw.answer();
  const ms = performance.now() - before;
  if (answer === 'closed' || methods === 'closed') throw new Error('the connection ended');
  return { ms, bytes: `${methods.toString('hex')} ${answer.toString('hex')}` };
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

/** Everybody `times` over, in random order, a few at a time. */
async function measureAll(
  port: number,
  classes: Readonly<Record<string, readonly [user: string, credential: Refused]>>,
  times: number,
): Promise<Map<string, Measured[]>> {
  const random = seeded(runSeed('refusals'));
  const order = Object.keys(classes)
    .flatMap((name) => Array.from({ length: times }, () => ({ name, at: random() })))
    .toSorted((a, b) => a.at - b.at);
  const results = new Map<string, Measured[]>();
  const lane = async (): Promise<void> => {
    for (let next = order.pop(); next !== undefined; next = order.pop()) {
      const [user, credential] = classes[next.name] ?? ['', password('', '')];
      const measured = await refused(port, user, credential);
      results.set(next.name, [...(results.get(next.name) ?? []), measured]);
    }
  };
  await Promise.all(Array.from({ length: 4 }, lane));
  return results;
}

function expectAlike(results: Map<string, Measured[]>): void {
  const medians = [...results].map(([name, all]) => ({ name, ms: median(all.map((one) => one.ms)) }));
  console.log(medians.map(({ name, ms }) => `${name} ${ms.toFixed(2)} ms`).join(', '));
  expect(new Set([...results.values()].flat().map((one) => one.bytes)).size).toBe(1);
  const values = medians.map(({ ms }) => ms);
  expect(Math.max(...values) - Math.min(...values)).toBeLessThan(2);
}

describe('refusals look and last the same', () => {
  let bed: Bed;
  beforeAll(async () => {
    bed = await openBed();
  });
  afterAll(() => bed[Symbol.asyncDispose]());

  test(
    'whether unknown, locked, blocked, mistyped, or only a key was shown: 200 each',
    { timeout: 240_000 },
    async () => {
      const results = await measureAll(
        bed.port,
        {
          unknown: ['nobody', password('nobody', 'right')],
          locked: ['lara', password('lara', 'right')],
          blocked: ['bert', password('bert', 'right')],
          mistyped: ['alice', password('alice', 'wrong')],
          'key query': ['alice', query('alice')],
        },
        200,
      );
      expect([...results.values()].map((all) => all.length)).toEqual([200, 200, 200, 200, 200]);
      expectAlike(results);
      expect(bed.logins).toHaveLength(0);
    },
  );

  test(
    'key queries by anybody, service users, and answers to prompts: 20 each',
    { timeout: 120_000 },
    async () => {
      const results = await measureAll(
        bed.port,
        {
          'query by unknown': ['nobody', query('nobody')],
          'query by locked': ['lara', query('lara')],
          'query by blocked': ['bert', query('bert')],
          'own key of a locked user': ['lara', async () => keyQuery('lara', bed.keys.alice.blob)],
          'suspended key': ['alice', async () => keyQuery('alice', bed.keys.suspended.blob)],
          'service user': ['robot', password('robot', 'right')],
          'prompted, unknown': ['nobody', prompted('nobody', 'right')],
          'prompted, locked': ['lara', prompted('lara', 'right')],
          'prompted, mistyped': ['alice', prompted('alice', 'wrong')],
        },
        20,
      );
      expect(results.size).toBe(9);
      expectAlike(results);
    },
  );
});

test('who is paused for guessing is refused like everybody else: 30 each', { timeout: 120_000 }, async () => {
  const paused = { freeTries: 0, firstPauseMs: 600_000, longestPauseMs: 600_000, forgetAfterMs: 600_000 };
  const never = { ...paused, freeTries: 1e9 };
  await using bed = await openBed({ guard: createLoginGuard({ perAddress: never, perUser: paused }) });
  await refused(bed.port, 'alice', password('alice', 'wrong'));
  const results = await measureAll(
    bed.port,
    {
      paused: ['alice', password('alice', 'right')],
      'key query': ['alice', query('alice')],
    },
    30,
  );
  expectAlike(results);
  expect(bed.logins).toHaveLength(0);
  const event = await bed.event('login.failed', ({ data }) => data['reason'] === 'back_off');
  expect(event.data).toMatchObject({ credential: 'unchecked' });
  using raw = await RawClient.atAuthentication(bed.port);
  expect(await raw.ask(raw.keyProof('alice', bed.keys.alice.blob, bed.keys.alice.privateKey))).toBe(52);
});

test(
  'with a second factor: nothing tells a right password from a wrong one, or who exists: 20 each',
  { timeout: 120_000 },
  async () => {
    await using bed = await openBed();
    await bed.enrolAll(newTotpSecret());
    const results = await measureAll(
      bed.port,
      {
        'right password, wrong code': ['alice', codeAfter('alice', 'right')],
        'wrong password': ['alice', codeAfter('alice', 'wrong')],
        unknown: ['nobody', codeAfter('nobody', 'right')],
        locked: ['lara', codeAfter('lara', 'right')],
        'right password without a code': ['alice', password('alice', 'right')],
        'key query': ['alice', query('alice')],
      },
      20,
    );
    expectAlike(results);
    expect(bed.logins).toHaveLength(0);
  },
);
