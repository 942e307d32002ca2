import { access } from 'node:fs/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { EventRecord } from '#contract/event.ts';
import { newId } from '#lib/ids.ts';
import { updateUser } from '#state/user-writer.ts';
import { openBed, USER_IDS, type Bed } from './bed.ts';
import { startSsh } from './run-ssh.ts';

let bed: Bed;
let target: string;
/** Happens once, between the decision and the moment the start of the session is durable. */
let meanwhile: (() => Promise<void>) | undefined;
beforeEach(async () => {
  meanwhile = undefined;
  bed = await openBed({
    publish: async (events: readonly EventRecord[], publish) => {
      const change = meanwhile;
      if (change !== undefined && events.some((event) => event.type === 'channel.opened')) {
        meanwhile = undefined;
        await change();
      }
      await publish(events);
    },
  });
  target = `alice@${bed.sshd.account}@web01`;
});
afterEach(() => bed[Symbol.asyncDispose]());

/** What is open has been looked at again, with what that reads, before the opening goes on. */
async function policyChanged(): Promise<void> {
  bed.policy.policyChanged();
  for (let round = 0; round < 10; round += 1) {
    await bed.policy.current();
    await bed.storage.state.reader.selectFrom('users').selectAll().execute();
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
}

async function revoke(): Promise<void> {
  await bed.storage.state.transact(async (tx) => {
    await tx.deleteFrom('grants').execute();
  });
  await policyChanged();
}

async function forbidTouching(who = { users: '["*"]', roles: '[]' }): Promise<void> {
  await bed.storage.state.transact(async (tx) => {
    await tx
      .insertInto('command_rules')
      .values({
        id: newId(),
        name: 'no-touching',
        nameKey: 'no-touching',
        priority: 10,
        ...who,
        groups: '[]',
        assets: '["*"]',
        accounts: '["*"]',
        kind: 'program',
        patterns: '["touch"]',
        verdict: 'deny',
        message: null,
        updatedAt: 0,
      })
      .execute();
  });
  await policyChanged();
}

const touched = (): Promise<boolean> =>
  access(`${bed.folder}/ran`).then(
    () => true,
    () => false,
  );

test('a grant that is revoked opens nothing', async () => {
  meanwhile = revoke;
  await using running = startSsh([...bed.ssh(target), `touch ${bed.folder}/ran; echo shown`]);
  const done = await running.finished;
  expect(done.stdout.toString()).toBe('');
  expect(done.stderr).not.toBe('');
  expect(done.code).toBe(255);
  expect(await touched()).toBe(false);
  const ended = await bed.event('session.ended');
  expect(ended.data).toMatchObject({ reason: 'permission' });
});

test('a grant that is revoked opens no further channel of a session either', async () => {
  const control = ['-o', `ControlPath=${bed.folder}/shared`];
  await using master = startSsh([...bed.ssh(target, ...control, '-M'), 'echo ready; cat']);
  await master.shows(/ready/);
  meanwhile = revoke;
  await using second = startSsh([...bed.ssh(target, ...control), `touch ${bed.folder}/ran`]);
  expect((await second.finished).code).toBe(255);
  await master.finished;
  expect(await touched()).toBe(false);
});

test('a command that a new rule denies does not run', async () => {
  meanwhile = () => forbidTouching();
  await using running = startSsh([...bed.ssh(target), `touch ${bed.folder}/ran`]);
  const done = await running.finished;
  expect(done.stderr).toBe('Command `touch` is forbidden\n');
  expect(done.code).toBe(126);
  expect(await touched()).toBe(false);
  await bed.event('command.denied');
});

test('a shell starts with the rules of now', async () => {
  meanwhile = () => forbidTouching();
  await using running = startSsh(['-tt', ...bed.ssh(target)]);
  running.type('echo re""ady\n');
  await running.shows(/ready/);
  running.type(`touch ${bed.folder}/ran\n`);
  await running.shows(/Command `touch` is forbidden/);
  expect(await touched()).toBe(false);
});

test('a rule for a role binds whoever gets the role, in what is open as well', async () => {
  await forbidTouching({ users: '[]', roles: '["auditor"]' });
  await using running = startSsh(['-tt', ...bed.ssh(target)]);
  running.type(`touch ${bed.folder}/before && echo to""uched\n`);
  await running.shows(/touched/);
  await bed.storage.state.transact((tx) =>
    updateUser(tx, USER_IDS.alice, { roles: ['user', 'auditor'] }, Date.now()),
  );
  await policyChanged();
  running.type(`touch ${bed.folder}/ran\n`);
  await running.shows(/Command `touch` is forbidden/);
  expect(await touched()).toBe(false);
  const denied = await bed.event('command.denied');
  const { command, data } = denied;
  expect(data?.['span']).toEqual({ start: 0, end: command?.length });
});

test('a session that is cut while it opens tells the person by whom', async () => {
  meanwhile = async () => {
    const [session] = await bed.control.sessions();
    await bed.control.terminate({ ids: [session?.id ?? ''], by: 'carol', reason: 'test' });
  };
  await using running = startSsh([...bed.ssh(target), `touch ${bed.folder}/ran`]);
  const done = await running.finished;
  expect(done.stderr).toContain('Terminated by admin carol');
  expect(done.code).toBe(255);
  expect(await touched()).toBe(false);
});
