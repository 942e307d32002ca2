import { expect, test } from 'vitest';
import type { NewLock } from '#responder/locks/lock-service.ts';
import { startLoop, type LoopBed, type LoopOptions } from './loop-bed.ts';

const HOUR_MS = 3_600_000;
const AUTO = { password_spraying: 'auto', guessed_password: 'auto' } as const;

/** The shipped rules, acting by themselves. */
const start = (options: LoopOptions = {}): Promise<LoopBed> => startLoop({ modes: AUTO, ...options });

/** Ten names from one address: what `password_spraying` waits for. */
async function spray(bed: LoopBed, address: string): Promise<void> {
  for (let index = 0; index < 10; index++)
    await bed.publish('login.failed', {
      address,
      data: { method: 'password', typedName: `name${index}`, typedUser: `name${index}` },
    });
  await bed.settled();
}

async function logIn(bed: LoopBed, user: string, address: string, method = 'publickey'): Promise<void> {
  await bed.publish('login.succeeded', { user, address, data: { method } });
  await bed.settled();
}

async function locked(bed: LoopBed): Promise<readonly string[]> {
  return (await bed.locks.inForce()).map((lock) => lock.target);
}

async function states(bed: LoopBed, number = '1'): Promise<readonly string[]> {
  const detail = await bed.offenses.show(number);
  return (detail?.actions ?? []).map((one) => `${one.action} ${one.state}`);
}

async function approveAll(bed: LoopBed): Promise<void> {
  const waiting = await bed.storage.state.reader
    .selectFrom('actions')
    .select('id')
    .where('state', '=', 'awaiting_approval')
    .execute();
  for (const { id } of waiting) await bed.actions.approve(id, 'carol');
  await bed.settled();
}

/** What the responders read about it. */
async function report(bed: LoopBed): Promise<string> {
  const mail = await bed.mailbox.waitFor((one) => one.to.includes('security@example.test'));
  return `${mail.subject}\n${mail.text}`;
}

test('an address from which names are tried is locked for an hour, no other is, and the end arms the rule', async () => {
  let aheadMs = 0;
  await using bed = await start({ clock: () => Date.now() + aheadMs });
  bed.node.open('alice', 'web01', '192.0.2.7');
  bed.node.open('bob', 'web01', '192.0.2.8');
  await spray(bed, '192.0.2.7');
  expect(await bed.locks.inForce()).toMatchObject([
    { targetKind: 'address', target: '192.0.2.7', mode: 'cut', owner: 'portcullis' },
  ]);
  expect(bed.node.sessions().map((session) => session.username)).toEqual(['bob']);
  expect(bed.node.open('carol', 'web01', '192.0.2.7')).toBe(false);
  expect(bed.node.open('carol', 'web01', '192.0.2.8')).toBe(true);
  expect(await states(bed)).toEqual(['block succeeded', 'mail succeeded']);
  expect(await report(bed)).toContain('192.0.2.7 is locked; 1 sessions were cut');

  aheadMs = HOUR_MS + 1_000;
  expect(await bed.event('lock.ended')).toMatchObject({ actor: 'system' });
  expect(await bed.event('offense.closed')).toMatchObject({ data: { reason: 'containment-ended' } });
  expect(bed.node.open('carol', 'web01', '192.0.2.7')).toBe(true);
  await bed.node.terminate({ username: 'carol', by: 'test', reason: 'over' });
  await spray(bed, '192.0.2.7');
  expect(await bed.offenses.show('1')).toMatchObject({ episode: 2, status: 'open' });
  expect(await locked(bed)).toEqual(['192.0.2.7']);
});

test('IPv6: the whole /64 of the attacker is locked, and no other', async () => {
  await using bed = await start();
  await spray(bed, '2001:db8::1');
  expect(await locked(bed)).toEqual(['2001:db8::/64']);
  expect(bed.node.open('alice', 'web01', '2001:db8::ffff')).toBe(false);
  expect(bed.node.open('alice', 'web01', '2001:db8:0:1::1')).toBe(true);
});

test('as shipped a person is asked first: the mail is there before the answer and says how to give it', async () => {
  await using bed = await startLoop();
  await spray(bed, '192.0.2.7');
  expect(await locked(bed)).toEqual([]);
  expect(await states(bed)).toEqual(['block awaiting_approval', 'mail succeeded']);
  const detail = await bed.offenses.show('1');
  const id = detail?.actions.find((one) => one.action === 'block')?.id ?? '';
  const text = await report(bed);
  expect(text).toContain('Offense 1 waits for you');
  expect(text).toContain(`portcullis action approve ${id}`);
  expect(await bed.actions.approve(id, 'carol')).toBe(true);
  await bed.settled();
  expect(await locked(bed)).toEqual(['192.0.2.7']);
});

test('an address that others use too is not locked without asking: the responders are told who they are', async () => {
  await using bed = await start();
  await logIn(bed, 'bob', '192.0.2.7');
  await spray(bed, '192.0.2.7');
  expect(await locked(bed)).toEqual([]);
  expect(await states(bed)).toEqual(['block downgraded', 'mail succeeded', 'block awaiting_approval']);
  const text = await report(bed);
  expect(text).toContain('192.0.2.7 was NOT locked, because gateway:bob had logged in from 192.0.2.7');
  expect(text).toContain('portcullis action approve ');
  await approveAll(bed);
  expect(await locked(bed)).toEqual(['192.0.2.7']);
});

test('a login that is older than thirty days, or that a stranger tells of, makes no address anybody’s', async () => {
  let aheadMs = -31 * 24 * HOUR_MS;
  await using bed = await start({ clock: () => Date.now() + aheadMs });
  await logIn(bed, 'bob', '192.0.2.7');
  aheadMs = 0;
  await bed.publish('login.succeeded', {
    user: 'bob',
    address: '192.0.2.7',
    source: 'jumpserver-1',
    data: { method: 'password' },
  });
  await spray(bed, '192.0.2.7');
  expect(await locked(bed)).toEqual(['192.0.2.7']);
});

test('who guesses a password does not shield the address by logging in with it', async () => {
  await using bed = await start();
  for (let index = 0; index < 10; index++)
    await bed.publish('login.failed', {
      address: '192.0.2.7',
      data: { method: 'password', typedName: 'bob', typedUser: 'bob' },
    });
  await logIn(bed, 'bob', '192.0.2.7', 'password');
  expect(await locked(bed)).toEqual(['192.0.2.7']);
});

test.each([
  ['loopback', '127.0.0.1', {}],
  ['loopback', '127.8.9.1', {}],
  ['loopback', '::1', {}],
  ['loopback', '::ffff:127.0.0.1', {}],
  ['proxy', '10.1.2.3', { trustedProxies: ['10.1.0.0/16'] }],
  ['proxy', '2001:db8::9', { trustedProxies: ['192.0.2.1', '2001:db8::1'] }],
] as const)('%s %s is never locked, approved or not', async (guard, address, options) => {
  await using bed = await start(options);
  await spray(bed, address);
  expect(await locked(bed)).toEqual([]);
  const detail = await bed.offenses.show('1');
  expect(detail?.actions).toMatchObject([
    { action: 'block', state: 'downgraded' },
    { action: 'mail', state: 'succeeded' },
  ]);
  expect(await report(bed)).toContain('was NOT locked');

  await using asked = await startLoop(options);
  await spray(asked, address);
  await approveAll(asked);
  expect(await locked(asked)).toEqual([]);
  const [refused] = await asked.storage.state.reader
    .selectFrom('actions')
    .select(['state', 'result'])
    .where('action', '=', 'block')
    .execute();
  expect(refused?.state).toBe('downgraded');
  expect(refused?.result).toContain(`"guard":"${guard}"`);
  // Who approved hears that it did not happen.
  expect(await states(asked)).toEqual(['block downgraded', 'mail succeeded', 'mail succeeded']);
});

test('an address from which an administrator works now waits for approval', async () => {
  await using bed = await start();
  await bed.addUser('Root', { roles: ['admin'] });
  await bed.addUser('alice');
  bed.node.open('root', 'web01', '192.0.2.7');
  bed.node.open('alice', 'web01', '192.0.2.8');
  await spray(bed, '192.0.2.7');
  await spray(bed, '192.0.2.8');
  expect(await locked(bed)).toEqual(['192.0.2.8']);
  expect(bed.node.sessions().map((session) => session.username)).toEqual(['root']);
  expect(await report(bed)).toContain('Root, who may administrate, is working from 192.0.2.7 now');
  await approveAll(bed);
  expect(await locked(bed)).toEqual(['192.0.2.8', '192.0.2.7']);
});

test('a break-glass address waits for approval, and so does a block that holds one', async () => {
  await using bed = await start({ breakGlassAddresses: ['192.0.2.0/28', '2001:db8::1'] });
  await spray(bed, '192.0.2.7');
  await spray(bed, '2001:db8::2');
  await spray(bed, '192.0.2.77');
  expect(await locked(bed)).toEqual(['192.0.2.77']);
  await approveAll(bed);
  expect((await locked(bed)).toSorted()).toEqual(['192.0.2.7', '192.0.2.77', '2001:db8::/64']);
});

const byHand: NewLock = {
  targetKind: 'user',
  target: 'zoe',
  mode: 'deny',
  reason: '',
  owner: 'portcullis',
  expiresAt: null,
};

test('locks on people count against locks on addresses; what strangers bring about saves nobody', async () => {
  await using bed = await start({ lockoutsPer10Minutes: 2 });
  await bed.addUser('alice');
  await bed.locks.add(byHand);
  for (const address of ['192.0.2.1', '192.0.2.2', '192.0.2.3']) await spray(bed, address);
  expect(await locked(bed)).toEqual(['zoe', '192.0.2.1']);
  expect(await states(bed, '2')).toEqual(['block downgraded', 'mail succeeded', 'block awaiting_approval']);
  await bed.deny('alice', 3);
  await bed.settled();
  expect(await locked(bed)).toEqual(['zoe', '192.0.2.1', 'alice']);
});

test('an episode that a person closed meanwhile locks no address', async () => {
  await using bed = await startLoop();
  await spray(bed, '192.0.2.7');
  const [offense] = await bed.offenses.list({ limit: 1 });
  await bed.offenses.close(offense?.id ?? '', { by: 'carol', verdict: 'benign', comment: '' });
  await approveAll(bed);
  expect(await locked(bed)).toEqual([]);
  expect((await states(bed))[0]).toBe('block cancelled');
});

test('a trial of a block tells what it would cut and which guards object, and changes nothing', async () => {
  await using bed = await start({ breakGlassAddresses: ['2001:db8::/32'] });
  await logIn(bed, 'bob', '2001:db8::5');
  bed.node.open('alice', 'web01', '2001:db8::7');
  const trial = await bed.trials.run({ name: 'block', set: { address: '2001:DB8::1' }, send: false });
  expect(trial).toMatchObject({
    target: '@address:2001:db8::/64',
    before: { sessions: [{ asset: 'web01', address: '2001:db8::7' }] },
    state: 'shadowed',
    summary: '2001:db8::/64 would have been locked (cut)',
    mail: null,
  });
  expect(trial.objections.map((one) => one.guard)).toEqual(['break-glass', 'shared']);
  expect(await locked(bed)).toEqual([]);
  for (const set of [{}, { address: 'alice' }, { address: '192.0.2.1', user: 'alice' }])
    await expect(bed.trials.run({ name: 'block', set, send: false })).rejects.toMatchObject({
      code: 'E_INPUT',
    });
});
