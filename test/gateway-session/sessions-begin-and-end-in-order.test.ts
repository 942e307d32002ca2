import { join } from 'node:path';
import { expect, test } from 'vitest';
import { closeCrashedSessions } from '#gateway/ssh/session/session-rows.ts';
import { newId } from '#lib/ids.ts';
import { openBed } from './bed.ts';
import { ssh, startSsh } from './run-ssh.ts';
import { ROWS } from '../state/rows.ts';

test('many channels over one connection share one session and one connection to the asset', async () => {
  await using bed = await openBed();
  const target = `alice@${bed.sshd.account}@web01`;
  const control = ['-o', `ControlPath=${join(bed.folder, 'master')}`];
  await using master = startSsh(['-tt', ...bed.ssh(target, ...control, '-M')]);
  master.type('echo re""ady\n');
  await master.shows(/ready/);
  const done = await Promise.all(
    Array.from({ length: 5 }, (_, index) => ssh([...bed.ssh(target, ...control), `echo ${index} $PPID`])),
  );
  expect(done.map((one) => one.code)).toEqual([0, 0, 0, 0, 0]);
  const parents = new Set(done.map((one) => one.stdout.toString().trim().split(' ')[1]));
  expect(parents.size).toBe(1);
  expect(await bed.control.sessions()).toMatchObject([{ channels: ['shell'] }]);
  const sessions = await bed.storage.state.reader.selectFrom('sessions').selectAll().execute();
  expect(sessions).toHaveLength(1);
  const recordings = await bed.storage.state.reader.selectFrom('recordings').selectAll().execute();
  expect(recordings).toHaveLength(6);
  expect(new Set(recordings.map((one) => one.sessionId))).toEqual(new Set([sessions[0]?.id]));
  master.type('exit\n');
  await master.finished;
  await bed.event('session.ended');
});

test('an idle session is warned and then ended', async () => {
  await using bed = await openBed({ limits: { idleMs: 1_200 } });
  await using running = startSsh(['-tt', ...bed.ssh(`alice@${bed.sshd.account}@web01`)]);
  const done = await running.finished;
  expect(done.stdout.toString()).toMatch(
    /this session ends in 1 seconds[^]*The session ended because there was no activity/,
  );
  expect(done.code).toBe(255);
  expect((await bed.event('session.ended')).data).toMatchObject({ reason: 'idle' });
});

test('output counts as activity, but nothing puts the time limit off', async () => {
  await using bed = await openBed({ limits: { idleMs: 1_200, sessionMs: 3_000 } });
  const started = performance.now();
  const done = await ssh([
    ...bed.ssh(`alice@${bed.sshd.account}@web01`),
    'while :; do echo tick; sleep 0.2; done',
  ]);
  expect(performance.now() - started).toBeGreaterThan(2_500);
  expect(done.stderr).toContain('it reached its time limit');
  expect((await bed.event('session.ended')).data).toMatchObject({ reason: 'limit' });
});

test('a client that vanishes ends its session', async () => {
  await using bed = await openBed();
  await using running = startSsh([...bed.ssh(`alice@${bed.sshd.account}@web01`), 'echo ready; cat']);
  await running.shows(/ready/);
  running.child.kill('SIGKILL');
  expect((await bed.event('session.ended')).data).toMatchObject({ reason: 'client' });
  expect(await bed.control.sessions()).toEqual([]);
});

test('stopping tells people, ends their sessions, and leaves rows and recordings closed', async () => {
  await using bed = await openBed();
  await using running = startSsh(['-tt', ...bed.ssh(`alice@${bed.sshd.account}@web01`)]);
  running.type('echo re""ady\n');
  await running.shows(/ready/);
  await bed.manager.drain();
  const done = await running.finished;
  expect(done.stdout.toString()).toContain('The gateway is shutting down');
  const { reader } = bed.storage.state;
  const row = await reader.selectFrom('sessions').selectAll().executeTakeFirstOrThrow();
  expect(row.endReason).toBe('shutdown');
  const recording = await reader.selectFrom('recordings').selectAll().executeTakeFirstOrThrow();
  expect(recording.state).toBe('finished');
  const late = await ssh([...bed.ssh(`alice@${bed.sshd.account}@web01`), 'true']);
  expect(late.code).toBe(255);
});

test('sessions that a crash left open are closed once', async () => {
  await using bed = await openBed();
  const { state } = bed.storage;
  const id = newId();
  await state.transact(async (tx) => {
    await tx
      .insertInto('sessions')
      .values({ ...ROWS.sessions, id, userId: newId(), username: 'alice', node: 'test' })
      .execute();
  });
  expect(await closeCrashedSessions(state, 'another node', Date.now)).toBe(0);
  expect(await closeCrashedSessions(state, 'test', Date.now)).toBe(1);
  expect(await closeCrashedSessions(state, 'test', Date.now)).toBe(0);
  const event = await bed.event('session.ended', (one) => one.session === id);
  expect(event).toMatchObject({ user: 'alice', outcome: 'unknown', data: { reason: 'crash' } });
});
