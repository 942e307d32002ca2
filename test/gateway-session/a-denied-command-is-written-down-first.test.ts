import { access } from 'node:fs/promises';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { openBed, type Bed } from './bed.ts';
import { startSsh } from './run-ssh.ts';
import { forbidding } from '../testbed/command-rules.ts';

let bed: Bed;
let target: string;
/** What happens to the event of a denied command before it is published. */
let before: () => Promise<void>;
beforeAll(async () => {
  bed = await openBed({
    commandRules: [forbidding('no-touching', 'touch')],
    publish: async (events, publish) => {
      if (events.some((event) => event.type === 'command.denied')) await before();
      return publish(events);
    },
  });
  target = `alice@${bed.sshd.account}@web01`;
});
beforeEach(() => {
  before = () => Promise.resolve();
});
afterAll(() => bed[Symbol.asyncDispose]());

test('the person is told when the event is durable, not before', async () => {
  const reached = Promise.withResolvers<void>();
  const durable = Promise.withResolvers<void>();
  before = () => {
    reached.resolve();
    return durable.promise;
  };
  await using running = startSsh([...bed.ssh(target), `touch ${bed.folder}/denied`]);
  await reached.promise;
  // A second connection comes and goes meanwhile: what was ready to be told to the first has been.
  await using other = startSsh([...bed.ssh(target), 'echo done']);
  expect((await other.finished).stdout.toString()).toBe('done\n');
  expect(running.errors()).toBe('');
  durable.resolve();
  const done = await running.finished;
  expect(done.stderr).toBe('Command `touch` is forbidden\n');
  expect(done.code).toBe(126);
  const denied = await bed.event('command.denied');
  expect(denied.data).toMatchObject({ span: { start: 0, end: denied.command?.length } });
});

test('without a stream it is refused all the same, and the person learns why', async () => {
  before = () => Promise.reject(new Error('no space'));
  await using running = startSsh([...bed.ssh(target), `touch ${bed.folder}/denied`]);
  const done = await running.finished;
  expect(done.stderr).toContain('the audit trail cannot be written');
  expect(done.stderr).not.toContain('forbidden');
  expect(done.code).toBe(126);
  await expect(access(`${bed.folder}/denied`)).rejects.toThrow('ENOENT');
});
