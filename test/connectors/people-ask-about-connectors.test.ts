import { expect, test } from 'vitest';
import { createCliBed, type CliBed } from '../cli/cli-bed.ts';
import { REALM, startBastion, type BastionBed } from './companion-bed.ts';

async function startBeds(
  options: Parameters<typeof startBastion>[0] = {},
): Promise<AsyncDisposable & { readonly bastion: BastionBed; readonly people: CliBed }> {
  await using stack = new AsyncDisposableStack();
  const bastion = stack.use(await startBastion(options));
  const people = stack.use(await createCliBed({ connectors: new Map([[REALM, bastion.connector]]) }));
  const kept = stack.move();
  return { bastion, people, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

test('connectors are listed', async () => {
  await using beds = await startBeds();
  expect(await beds.people.json('connector', 'list')).toEqual([
    { name: REALM, kind: 'jumpserver', url: beds.bastion.standIn.url },
  ]);
});

test('a test of a connector tells everything and ends well', async () => {
  await using beds = await startBeds({ version: 3 });
  const { code, out } = await beds.people.run('connector', 'test', 'JumpServer-1');
  expect(code).toBe(0);
  expect(out).toContain('the answers are those of version 3');
  expect(out).toContain('permission terminal.terminate_session: end sessions on assets');
  expect(out).toContain('People at jumpserver-1 can be contained.');
});

test('a connector that lacks a right ends with 69 and says what for', async () => {
  await using beds = await startBeds({ robot: { isSuperuser: false, permissions: ['users.view_user'] } });
  const { code, out } = await beds.people.run('connector', 'test', REALM);
  expect(code).toBe(69);
  expect(out).toContain('permission terminal.terminate_session: missing; needed to end sessions on assets');
  expect(out).toContain('can NOT be contained');
});

test('what is not there, and who is not contained, is said to be so', async () => {
  await using beds = await startBeds();
  expect(await beds.people.run('connector', 'test', 'nobody')).toMatchObject({
    code: 66,
    err: expect.stringContaining('There is no connector nobody') as string,
  });
  expect(await beds.people.run('connector', 'recover', REALM, 'alice')).toMatchObject({
    code: 65,
    err: expect.stringContaining('is not contained') as string,
  });
});

test('a lock on a user elsewhere is for playbooks, and only responders may recover or test', async () => {
  await using beds = await startBeds();
  const { bed } = beds.people;
  const target = { targetKind: 'foreign-user', target: `${REALM}:alice` };
  expect(await bed.local('POST', '/v1/locks', target)).toMatchObject({ status: 400 });
  const auditor = await bed.person('auditor', ['auditor']);
  const options = { token: auditor, body: {} };
  expect(await bed.call('POST', `/v1/connectors/${REALM}/test`, options)).toMatchObject({ status: 403 });
  expect(await bed.call('GET', '/v1/connectors', { token: auditor })).toMatchObject({ status: 200 });
  expect(beds.bastion.standIn.calls).toEqual([]);
});
