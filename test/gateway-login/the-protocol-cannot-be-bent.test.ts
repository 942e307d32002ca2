import { connect } from 'node:net';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runSeed, seeded } from '../testbed/seeds.ts';
import { newClientKey, openBed, type Bed } from './bed.ts';
import { authRequest, keyQuery, passwordRequest, RawClient, SERVICE_REQUEST, string } from './raw-client.ts';

const FAILURE = 51;
const SUCCESS = 52;
const INFO_REQUEST = 60;
const PK_OK = 60;
const answers = (...texts: readonly string[]): Buffer => {
  const count = Buffer.alloc(5);
  count[0] = 61;
  count.writeUInt32BE(texts.length, 1);
  return Buffer.concat([count, ...texts.map((text) => string(text))]);
};
const keyboardInteractive = (user: string): Buffer =>
  authRequest(user, 'keyboard-interactive', string(''), string(''));

let bed: Bed;
beforeAll(async () => {
  bed = await openBed();
});
afterAll(() => bed[Symbol.asyncDispose]());

describe('a key', () => {
  test('that is only shown logs nobody in, however often and after whatever', async () => {
    using raw = await RawClient.atAuthentication(bed.port);
    const before = bed.logins.length;
    expect(await raw.ask(keyQuery('alice', bed.keys.alice.blob))).toBe(PK_OK);
    expect(await raw.ask(keyQuery('alice', bed.keys.alice.blob))).toBe(PK_OK);
    expect(await raw.ask(passwordRequest('alice', 'wrong'))).toBe(FAILURE);
    expect(await raw.ask(keyQuery('alice', bed.keys.alice.blob))).toBe(PK_OK);
    expect(
      await raw.endsConnection(Buffer.concat([Buffer.of(90), string('session'), Buffer.alloc(12)])),
    ).toBe(true);
    expect(bed.logins).toHaveLength(before);
  });

  test('shown does not stand for the key that signs', async () => {
    const foreign = newClientKey();
    using raw = await RawClient.atAuthentication(bed.port);
    expect(await raw.ask(keyQuery('alice', bed.keys.alice.blob))).toBe(PK_OK);
    // Own key named, foreign key signs; then foreign key named and signing; then the right one.
    expect(await raw.ask(raw.keyProof('alice', bed.keys.alice.blob, foreign.privateKey))).toBe(FAILURE);
    expect(await raw.ask(raw.keyProof('alice', foreign.blob, foreign.privateKey))).toBe(FAILURE);
    expect(await raw.ask(raw.keyProof('alice', foreign.blob, bed.keys.alice.privateKey))).toBe(FAILURE);
    expect(await raw.ask(raw.keyProof('alice', bed.keys.alice.blob, bed.keys.alice.privateKey))).toBe(
      SUCCESS,
    );
    expect(bed.logins.at(-1)).toMatchObject({ keyFingerprint: bed.keys.alice.fingerprint });
  });

  test('a foreign key that is proved after an own one was shown is still foreign', async () => {
    const foreign = newClientKey();
    using raw = await RawClient.atAuthentication(bed.port);
    expect(await raw.ask(keyQuery('alice', foreign.blob))).toBe(FAILURE);
    expect(await raw.ask(keyQuery('alice', bed.keys.alice.blob))).toBe(PK_OK);
    expect(await raw.ask(raw.keyProof('alice', foreign.blob, foreign.privateKey))).toBe(FAILURE);
  });

  test('proved for another connection is worth nothing', async () => {
    using first = await RawClient.atAuthentication(bed.port);
    using second = await RawClient.atAuthentication(bed.port);
    const proof = first.keyProof('alice', bed.keys.alice.blob, bed.keys.alice.privateKey);
    expect(await second.ask(proof)).toBe(FAILURE);
    expect(await first.ask(proof)).toBe(SUCCESS);
  });

  test('that would do and is never proved is told all the same: somebody tries out keys', async () => {
    const raw = await RawClient.atAuthentication(bed.port, '127.0.0.11');
    expect(await raw.ask(keyQuery('alice', bed.keys.alice.blob))).toBe(PK_OK);
    raw[Symbol.dispose]();
    const event = await bed.event('login.failed', ({ address }) => address === '127.0.0.11');
    expect(event.data).toMatchObject({
      reason: 'key_not_proved',
      acceptedKeys: [bed.keys.alice.fingerprint],
    });
  });

  test('on a token counts only when the token was touched', async () => {
    using raw = await RawClient.atAuthentication(bed.port);
    const { fido } = bed.keys;
    expect(await raw.ask(keyQuery('alice', fido.blob, 'sk-ssh-ed25519@openssh.com'))).toBe(PK_OK);
    expect(await raw.ask(raw.fidoProof('alice', fido, 0))).toBe(FAILURE);
    expect(await raw.ask(raw.fidoProof('alice', fido, 4))).toBe(FAILURE);
    expect(await raw.ask(raw.fidoProof('alice', fido, 1))).toBe(SUCCESS);
    expect(bed.logins.at(-1)).toMatchObject({ keyFingerprint: fido.fingerprint });
  });

  test('of a broken kind is refused like any other', async () => {
    using raw = await RawClient.atAuthentication(bed.port);
    for (const blob of [Buffer.alloc(0), Buffer.from('ffffffff', 'hex'), Buffer.alloc(20_000, 1)]) {
      expect(await raw.ask(keyQuery('alice', blob))).toBe(FAILURE);
    }
    expect(await raw.ask(keyQuery('alice', bed.keys.alice.blob, 'ssh-rsa'))).toBe(FAILURE);
    // RSA with SHA-1.
    expect(await raw.ask(keyQuery('alice', bed.keys.aliceRsa.blob, 'ssh-rsa'))).toBe(FAILURE);
  });
});

describe('the name', () => {
  test.each([['bob'], ['Alice'], ['alice ']])(
    'cannot change from alice to %j on a connection',
    async (second) => {
      using raw = await RawClient.atAuthentication(bed.port);
      expect(await raw.ask(passwordRequest('alice', 'wrong'))).toBe(FAILURE);
      expect(await raw.endsConnection(passwordRequest(second, 'right'))).toBe(true);
    },
  );

  test('with control characters reaches the log as harmless text', async () => {
    const name = '\u001b[2J\r\nroot\0\u202Eecila';
    using raw = await RawClient.atAuthentication(bed.port);
    expect(await raw.ask(passwordRequest(name, 'right'))).toBe(FAILURE);
    const event = await bed.event('login.failed', ({ message }) => message?.includes('root') === true);
    expect(event.data['typedName']).toBe('\\x1b[2J\\x0d\\x0aroot\\x00\\u{202e}ecila');
    expect(JSON.stringify(event)).not.toMatch(/\\u001b|\\u0000/);
  });

  test('of bytes that are no text is refused, and one of 257 bytes ends the connection', async () => {
    using raw = await RawClient.atAuthentication(bed.port);
    expect(await raw.ask(passwordRequest(Buffer.from('ff00fe', 'hex'), 'right'))).toBe(FAILURE);
    using other = await RawClient.atAuthentication(bed.port);
    expect(await other.ask(passwordRequest('a'.repeat(256), 'right'))).toBe(FAILURE);
    using third = await RawClient.atAuthentication(bed.port);
    expect(await third.endsConnection(passwordRequest('a'.repeat(257), 'right'))).toBe(true);
  });
});

describe('keyboard-interactive', () => {
  test('is given up for another method and begun again', async () => {
    using raw = await RawClient.atAuthentication(bed.port);
    expect(await raw.ask(keyboardInteractive('alice'))).toBe(INFO_REQUEST);
    expect(await raw.ask(keyQuery('alice', bed.keys.alice.blob))).toBe(PK_OK);
    expect(await raw.ask(keyboardInteractive('alice'))).toBe(INFO_REQUEST);
    expect(await raw.ask(keyboardInteractive('alice'))).toBe(INFO_REQUEST);
    expect(await raw.ask(answers('wrong'))).toBe(FAILURE);
    expect(await raw.ask(keyQuery('alice', bed.keys.alice.blob))).toBe(PK_OK);
    expect(await raw.ask(keyboardInteractive('alice'))).toBe(INFO_REQUEST);
    expect(await raw.ask(answers('right'))).toBe(SUCCESS);
  });

  test('asks the same of everybody, and refuses more or fewer answers than questions', async () => {
    const prompts: string[] = [];
    for (const name of ['alice', 'nobody', 'lara', 'bert', 'robot']) {
      using raw = await RawClient.atAuthentication(bed.port);
      raw.send(keyboardInteractive(name));
      const prompt = await raw.answer();
      prompts.push(prompt === 'closed' ? prompt : prompt.toString('hex'));
    }
    expect(new Set(prompts).size).toBe(1);
    using raw = await RawClient.atAuthentication(bed.port);
    for (const reply of [answers(), answers('right', 'right')]) {
      expect(await raw.ask(keyboardInteractive('alice'))).toBe(INFO_REQUEST);
      expect(await raw.ask(reply)).toBe(FAILURE);
    }
    const event = await bed.event('login.failed', ({ data }) => data['reason'] === 'malformed_request');
    expect(event.data).toMatchObject({ method: 'keyboard-interactive', typedName: 'alice' });
  });

  test('an announcement of four billion answers ends the connection without reserving room for them', async () => {
    using raw = await RawClient.atAuthentication(bed.port);
    expect(await raw.ask(keyboardInteractive('alice'))).toBe(INFO_REQUEST);
    const before = process.memoryUsage().rss;
    expect(await raw.endsConnection(Buffer.from('3d01fffff0', 'hex'))).toBe(true);
    expect(process.memoryUsage().rss - before).toBeLessThan(64 * 1024 * 1024);
  });
});

describe('what has no place ends the connection', () => {
  test.each([...Array.from({ length: 21 }, (_, index) => 80 + index), 6, 51, 52, 53, 60, 61, 62, 65, 192])(
    'message %i before login',
    async (type) => {
      using raw = await RawClient.atAuthentication(bed.port);
      const body = Buffer.concat([Buffer.of(type), string('session'), Buffer.alloc(16)]);
      expect(await raw.endsConnection(body)).toBe(true);
    },
  );

  test('a client that says it succeeded, and opens a channel in the same breath', async () => {
    using raw = await RawClient.atAuthentication(bed.port);
    const before = bed.logins.length;
    raw.send(authRequest('alice', 'none'));
    raw.send(Buffer.of(52));
    expect(
      await raw.endsConnection(Buffer.concat([Buffer.of(90), string('session'), Buffer.alloc(12)])),
    ).toBe(true);
    expect(bed.logins).toHaveLength(before);
  });

  test('the service asked for twice, another service, and authentication without one', async () => {
    using twice = await RawClient.atAuthentication(bed.port);
    expect(await twice.endsConnection(SERVICE_REQUEST)).toBe(true);
    using other = await RawClient.open(bed.port);
    expect(await other.endsConnection(Buffer.concat([Buffer.of(5), string('ssh-connection')]))).toBe(true);
    using without = await RawClient.open(bed.port);
    expect(await without.endsConnection(passwordRequest('alice', 'right'))).toBe(true);
  });

  test('a second request before the first is answered, and one after login', async () => {
    using hasty = await RawClient.atAuthentication(bed.port);
    hasty.send(passwordRequest('alice', 'guess one'));
    expect(await hasty.endsConnection(passwordRequest('alice', 'guess two'))).toBe(true);
    using done = await RawClient.atAuthentication(bed.port);
    expect(await done.ask(passwordRequest('alice', 'right'))).toBe(SUCCESS);
    expect(await done.endsConnection(passwordRequest('alice', 'right'))).toBe(true);
  });

  test('more failures than are allowed, with words', async () => {
    using raw = await RawClient.atAuthentication(bed.port);
    const outcomes: (number | 'closed')[] = [];
    for (let round = 0; round < 6; round += 1)
      outcomes.push(await raw.ask(keyQuery('alice', newClientKey().blob)));
    expect(outcomes).toEqual([FAILURE, FAILURE, FAILURE, FAILURE, FAILURE, 1]);
    expect(await raw.answer()).toBe('closed');
  });

  test('asking for the methods again and again is a failure each', async () => {
    using raw = await RawClient.atAuthentication(bed.port);
    const outcomes: (number | 'closed')[] = [];
    for (let round = 0; round < 7; round += 1) outcomes.push(await raw.ask(authRequest('alice', 'none')));
    expect(outcomes.slice(0, 6)).toEqual(Array.from({ length: 6 }, () => FAILURE));
    expect(outcomes[6]).toBe(1);
  });
});

test('a thousand encrypted messages of nonsense break nothing', async () => {
  const random = seeded(runSeed('nonsense'));
  const below = (limit: number): number => Math.floor(random() * limit);
  const noise = (length: number): Buffer => Buffer.from(Array.from({ length }, () => below(256)));
  const before = bed.logins.length;
  for (let round = 0; round < 200; round += 1) {
    using raw = await (round % 2 === 0 ? RawClient.open(bed.port) : RawClient.atAuthentication(bed.port));
    const kinds = [
      () => Buffer.concat([Buffer.of(below(256)), noise(below(100))]),
      () => Buffer.concat([authRequest('alice', 'publickey', Buffer.of(below(3))), noise(below(80))]),
      () => Buffer.concat([keyQuery('alice', noise(below(60))), noise(below(8))]),
      () => passwordRequest(noise(below(300)), 'right').subarray(0, 20 + below(300)),
      () => Buffer.concat([keyboardInteractive('alice'), noise(below(8))]),
      () => Buffer.concat([Buffer.of(61), noise(below(12))]),
      () => Buffer.concat([Buffer.of(7, 0, 0, 0), noise(below(60))]),
      () => noise(30_000),
    ];
    for (let message = 0; message < 5; message += 1) raw.send(kinds[below(kinds.length)]?.() ?? Buffer.of(2));
  }
  expect(bed.logins).toHaveLength(before);
  using raw = await RawClient.atAuthentication(bed.port);
  expect(await raw.ask(raw.keyProof('alice', bed.keys.alice.blob, bed.keys.alice.privateKey))).toBe(SUCCESS);
});

test('who does not log in in time is cut off, wherever they are', async () => {
  await using slow = await openBed({ limits: { loginGraceMs: 400 } });
  const silent = connect(slow.port, '127.0.0.1');
  const identified = connect(slow.port, '127.0.0.1');
  identified.write('SSH-2.0-slow\r\n');
  for (const socket of [silent, identified]) socket.resume();
  using raw = await RawClient.atAuthentication(slow.port);
  using asked = await RawClient.atAuthentication(slow.port);
  await asked.ask(keyboardInteractive('alice'));
  await Promise.all([once(silent, 'close'), once(identified, 'close')]);
  const words = await raw.answer();
  expect(words === 'closed' ? words : words.toString('latin1')).toContain('Login took too long');
  expect(await asked.answer()).not.toBeUndefined();
  for (const stage of ['identification', 'key_exchange', 'authentication']) {
    const event = await slow.event('connection.unauthenticated', ({ data }) => data['stage'] === stage);
    expect(event).toMatchObject({ address: '127.0.0.1', data: { reason: 'too_slow' } });
  }
  const prompted = await slow.event(
    'connection.unauthenticated',
    ({ data }) => data['typedName'] === 'alice',
  );
  expect(prompted.data).toMatchObject({ stage: 'authentication', clientSoftware: 'ssh2js1.17.0' });
});

test('when the stream takes nothing, nobody gets in', async () => {
  let isDown = true;
  await using bed2 = await openBed({
    publish: () => (isDown ? Promise.reject(new Error('disk full')) : Promise.resolve()),
  });
  using raw = await RawClient.atAuthentication(bed2.port);
  expect(await raw.ask(passwordRequest('alice', 'right'))).toBe(FAILURE);
  expect(await raw.ask(raw.keyProof('alice', bed2.keys.alice.blob, bed2.keys.alice.privateKey))).toBe(
    FAILURE,
  );
  expect(await raw.ask(keyboardInteractive('alice'))).toBe(INFO_REQUEST);
  expect(await raw.ask(answers('right'))).toBe(FAILURE);
  expect(bed2.logins).toHaveLength(0);
  isDown = false;
  expect(await raw.ask(passwordRequest('alice', 'right'))).toBe(SUCCESS);
  expect(bed2.logins).toHaveLength(1);
});

test('the event of a login is stored before the client is told', async () => {
  const published = Promise.withResolvers<void>();
  await using bed2 = await openBed({ publish: () => published.promise });
  using raw = await RawClient.atAuthentication(bed2.port);
  const answer = raw.ask(passwordRequest('alice', 'right'));
  const first = await Promise.race([
    answer,
    new Promise((resolve) => setTimeout(() => resolve('waits'), 300)),
  ]);
  expect(first).toBe('waits');
  expect(bed2.logins).toHaveLength(0);
  published.resolve();
  expect(await answer).toBe(SUCCESS);
});

test('a login under way when the client leaves opens nothing and is told to have ended', async () => {
  const gate = Promise.withResolvers<void>();
  const told: string[] = [];
  const ended = Promise.withResolvers<void>();
  await using bed2 = await openBed({
    publish: async (events) => {
      for (const { type } of events) told.push(type);
      if (told.includes('login.ended')) ended.resolve();
      await gate.promise;
    },
  });
  using raw = await RawClient.atAuthentication(bed2.port);
  raw.send(passwordRequest('alice', 'right'));
  while (!told.includes('login.succeeded')) await new Promise((resolve) => setImmediate(resolve));
  const stopping = bed2.stop();
  while ((await raw.answer()) !== 'closed');
  gate.resolve();
  await stopping;
  await ended.promise;
  expect(bed2.logins).toHaveLength(0);
});
