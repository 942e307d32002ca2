import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Lock } from '#contract/resources/lock.ts';
import { newId } from '#lib/ids.ts';
import { openBed, USER_IDS, type Bed } from './bed.ts';
import { startSsh } from './run-ssh.ts';

const run = promisify(execFile);
const TERMINATED = '\r\n\x1b[31mTerminated by admin carol\r\n\x1b[0m';
/** Far above what a cut takes, far below any time-out it could be mistaken for; the machine may be busy. */
const FAST_MS = 1_000;

let bed: Bed;
let target: string;
beforeEach(async () => {
  bed = await openBed();
  target = `alice@${bed.sshd.account}@web01`;
});
afterEach(() => bed[Symbol.asyncDispose]());

function lock(part: Partial<Lock>): Lock {
  return {
    id: newId(),
    targetKind: 'user',
    target: 'alice',
    mode: 'cut',
    reason: 'three denied commands',
    owner: 'responder',
    offenseId: null,
    createdAt: Date.now(),
    expiresAt: null,
    ...part,
  };
}

async function cutAlice(): Promise<number> {
  const started = performance.now();
  const answer = await bed.control.terminate({ username: 'Alice', by: 'carol', reason: 'test' });
  const took = performance.now() - started;
  expect(answer.unconfirmed).toEqual([]);
  expect(answer.cut).toHaveLength(1);
  expect(await bed.control.sessions()).toEqual([]);
  return took;
}

async function sessionCount(count: number): Promise<void> {
  for (;;) {
    if ((await bed.control.sessions()).length === count) return;
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
}

test('a connection that has opened nothing yet', async () => {
  await using running = startSsh(['-N', ...bed.ssh(target)]);
  await sessionCount(1);
  expect(await bed.control.sessions()).toMatchObject([{ state: 'setup', asset: null, username: 'alice' }]);
  expect(await cutAlice()).toBeLessThan(FAST_MS);
  expect((await running.finished).code).toBe(255);
});

test('a connection in the menu', async () => {
  await using running = startSsh(['-tt', ...bed.ssh('alice')]);
  await running.shows(/web01/);
  expect(await bed.control.sessions()).toMatchObject([{ state: 'menu' }]);
  expect(await cutAlice()).toBeLessThan(FAST_MS);
  const done = await running.finished;
  expect(done.stdout.toString()).toContain(TERMINATED);
  expect(done.code).toBe(255);
});

test('a shell, with the words in the recording and an event', async () => {
  await using running = startSsh(['-tt', ...bed.ssh(target)]);
  running.type('echo re""ady\n');
  await running.shows(/ready/);
  const [session] = await bed.control.sessions();
  expect(session).toMatchObject({ state: 'active', asset: 'web01', channels: ['shell'] });
  expect(await cutAlice()).toBeLessThan(FAST_MS);
  const done = await running.finished;
  expect(done.stdout.toString().endsWith(TERMINATED)).toBe(true);
  expect(done.code).toBe(255);
  const event = await bed.event('session.terminated');
  expect(event).toMatchObject({ actor: 'carol', session: session?.id, data: { reason: 'test' } });
  const ended = await bed.event('session.ended', (one) => one.session === session?.id);
  expect(ended.data).toMatchObject({ reason: 'terminated' });
});

test('a command in mid-transfer whose client has stopped reading, and the asset hears of it', async () => {
  await using running = startSsh([...bed.ssh(target), 'echo $$ >&2; exec yes']);
  await running.shows(/y\ny\n/);
  const pid = Number(/(\d+)/.exec(running.errors())?.[1]);
  running.child.kill('SIGSTOP');
  try {
    expect(await cutAlice()).toBeLessThan(FAST_MS);
  } finally {
    running.child.kill('SIGCONT');
  }
  expect((await running.finished).code).toBe(255);
  // The command dies of its broken pipe once sshd has seen the end of the connection.
  for (;;) {
    const alive = await run('kill', ['-0', String(pid)]).then(
      () => true,
      () => false,
    );
    if (!alive) break;
  }
});

test('one session by its id: another user stays', async () => {
  await bed.addGrant({
    name: 'bob',
    users: ['bob'],
    groups: [],
    assets: ['web01'],
    accounts: ['*'],
    actions: ['exec'],
    mode: 'guard',
    secondFactor: false,
  });
  await using alice = startSsh([...bed.ssh(target), 'echo ready; cat']);
  await using bob = startSsh([...bed.ssh(target.replace('alice', 'bob')), 'echo ready; cat']);
  await Promise.all([alice.shows(/ready/), bob.shows(/ready/)]);
  const sessions = await bed.control.sessions();
  const id = sessions.find((one) => one.username === 'alice')?.id ?? '';
  const answer = await bed.control.terminate({ ids: [id], by: 'carol', reason: 'test' });
  expect(answer.cut.map((one) => one.username)).toEqual(['alice']);
  const done = await alice.finished;
  expect(done.stderr).toContain('Terminated by admin carol');
  bob.type('still here\n');
  await bob.shows(/still here/);
});

test('a cut lock ends what it hits, and nothing opens while it is in force', async () => {
  await using running = startSsh([...bed.ssh(target), 'echo ready; cat']);
  await running.shows(/ready/);
  const answer = await bed.control.applyLocks([lock({})], 'carol');
  expect(answer.cut).toHaveLength(1);
  expect((await running.finished).stderr).toContain('Terminated by admin carol');
  await using again = startSsh([...bed.ssh(target), 'echo in']);
  const refused = await again.finished;
  expect(refused.code).toBe(255);
  expect(refused.stdout.toString()).toBe('');
  await bed.control.applyLocks([], 'carol');
  await using free = startSsh([...bed.ssh(target), 'echo in']);
  expect((await free.finished).stdout.toString()).toBe('in\n');
});

test('a lock on the asset cuts sessions there, and new ones are refused with words', async () => {
  await using running = startSsh([...bed.ssh(target), 'echo ready; cat']);
  await running.shows(/ready/);
  const answer = await bed.control.applyLocks([lock({ targetKind: 'asset', target: 'WEB01' })], 'carol');
  expect(answer.cut).toHaveLength(1);
  await running.finished;
  await using again = startSsh([...bed.ssh(target), 'echo in']);
  const refused = await again.finished;
  expect(refused.stderr).toBe('Access is locked. Ask an administrator.\n');
  expect(refused.code).toBe(255);
});

test('a deny lock lets what is open go on', async () => {
  await using running = startSsh([...bed.ssh(target), 'echo ready; cat']);
  await running.shows(/ready/);
  const answer = await bed.control.applyLocks([lock({ mode: 'deny' })], 'carol');
  expect(answer.cut).toEqual([]);
  running.type('goes on\n');
  await running.shows(/goes on/);
});

test('a frozen session shows output but takes no input until it is thawed', async () => {
  await using running = startSsh([
    ...bed.ssh(target),
    'echo ready; while :; do read -t 0.05 line && echo "got $line" || echo tick; done',
  ]);
  await running.shows(/ready/);
  await bed.control.applyLocks([lock({ mode: 'freeze' })], 'carol');
  running.type('held\n');
  const before = running.output().length;
  await running.shows(new RegExp(`[^]{${before}}(tick\\n){5}`));
  expect(running.output()).not.toContain('got held');
  await bed.control.applyLocks([], 'carol');
  await running.shows(/got held/);
});

/** As whoever adds a lock does: the lock is stored, then policy has changed, then it is applied. */
async function lockStored(added: Lock) {
  await bed.storage.state.transact(async (tx) => {
    await tx
      .insertInto('locks')
      .values({ ...added, targetKey: added.target })
      .execute();
  });
  bed.policy.policyChanged();
  const answer = await bed.control.applyLocks([added], 'carol');
  return answer;
}

const COUNTING = 'echo ready; n=0; while read -r line; do echo "got $line"; done';

test('a stored deny lock lets what is open go on, also when permissions are looked at again', async () => {
  await using running = startSsh([...bed.ssh(target), COUNTING]);
  await running.shows(/ready/);
  expect((await lockStored(lock({ mode: 'deny' }))).cut).toEqual([]);
  for (let round = 0; round < 20; round += 1) {
    bed.policy.policyChanged();
    running.type(`round${round}\n`);
    await running.shows(new RegExp(`got round${round}\n`));
  }
  await using again = startSsh([...bed.ssh(target), 'echo in']);
  expect((await again.finished).stdout.toString()).toBe('');
});

test('a stored freeze lock holds input, ends nothing, and lets it go when it is over', async () => {
  await using running = startSsh([
    ...bed.ssh(target),
    'echo ready; while :; do read -t 0.05 line && echo "got $line" || echo tick; done',
  ]);
  await running.shows(/ready/);
  expect((await lockStored(lock({ mode: 'freeze' }))).cut).toEqual([]);
  running.type('held\n');
  const before = running.output().length;
  await running.shows(new RegExp(`[^]{${before}}(tick\n){10}`));
  expect(running.output()).not.toContain('got held');
  await bed.storage.state.transact(async (tx) => {
    await tx.deleteFrom('locks').execute();
  });
  bed.policy.policyChanged();
  await bed.control.applyLocks([], 'carol');
  await running.shows(/got held/);
});

test('a stored cut lock cuts', async () => {
  await using running = startSsh([...bed.ssh(target), COUNTING]);
  await running.shows(/ready/);
  const answer = await lockStored(lock({}));
  expect(answer.cut).toHaveLength(1);
  const { stderr } = await running.finished;
  expect(stderr).toContain('Terminated by admin carol');
  expect(stderr).not.toContain('withdrawn');
});

test('whoever comes into a locked group is cut', async () => {
  await using running = startSsh([...bed.ssh(target), COUNTING]);
  await running.shows(/ready/);
  await bed.control.applyLocks([lock({ targetKind: 'group', target: 'suspects' })], 'carol');
  running.type('still here\n');
  await running.shows(/got still here/);
  await bed.storage.state.transact(async (tx) => {
    const id = newId();
    await tx
      .insertInto('groups')
      .values({ id, name: 'suspects', nameKey: 'suspects', secondFactor: 0, createdAt: 0 })
      .execute();
    await tx.insertInto('group_users').values({ groupId: id, userId: USER_IDS.alice }).execute();
  });
  bed.policy.policyChanged();
  expect((await running.finished).stderr).toContain('Terminated by admin responder');
});

test('a session whose permission is withdrawn ends', async () => {
  await using running = startSsh([...bed.ssh(target), 'echo ready; cat']);
  await running.shows(/ready/);
  await bed.storage.state.transact(async (tx) => {
    await tx.deleteFrom('grants').execute();
  });
  bed.policy.policyChanged();
  const done = await running.finished;
  expect(done.stderr).toContain('your permission for it was withdrawn');
});

test('the menu leads to a session and takes the person back', async () => {
  await using running = startSsh(['-tt', ...bed.ssh('alice')]);
  await running.shows(/web01/);
  running.type('web01\r');
  await running.shows(/[#$] $/);
  running.type('echo in the she""ll\r');
  await running.shows(/in the shell/);
  expect(await bed.control.sessions()).toMatchObject([{ state: 'active', asset: 'web01' }]);
  running.type('exit\r');
  await running.shows(/in the shell[^]*web01/);
  await sessionCount(1);
  expect(await bed.control.sessions()).toMatchObject([{ state: 'menu', asset: null }]);
  running.type('q\r');
  expect((await running.finished).code).toBe(0);
});
