import { afterAll, beforeAll, expect, test } from 'vitest';
import { PortcullisError } from '#contract/errors.ts';
import { QueueFullError } from '#lib/work-queue.ts';
import { type ContractBed, createContractBed } from './contract-bed.ts';

let failure: unknown;
let contract: ContractBed;
beforeAll(async () => {
  contract = await createContractBed({ recovery: { start: () => Promise.reject(failure) } });
});
afterAll(() => contract[Symbol.asyncDispose]());

test.each([
  ['a defect', new Error('hunter2 at /srv/secret.ts:1:1'), 500, 'E_INTERNAL'],
  ['what is no error', 'hunter2 in secret.ts', 500, 'E_INTERNAL'],
  ['a full queue', new QueueFullError('hunter2'), 503, 'E_UNAVAILABLE'],
  ['a conflict', new PortcullisError('E_CONFLICT', 'It is done already.'), 409, 'E_CONFLICT'],
])('%s', async (_, thrown, status, code) => {
  failure = thrown;
  const answer = await contract.call('PATCH', '/users/users/carol/password/reset/', {});
  expect([answer.status, answer.body]).toEqual([status, { detail: expect.any(String), code }]);
  expect(answer.text).not.toMatch(/hunter2|secret|stack/);
});

test('an error that another thread threw keeps its status', async () => {
  // Structured clones lose their class.
  failure = Object.assign(new Error('No mail address.'), { name: 'PortcullisError', code: 'E_NO_ADDRESS' });
  const answer = await contract.call('PATCH', '/users/users/carol/password/reset/', {});
  expect(answer.body).toEqual({ detail: 'No mail address.', code: 'E_NO_ADDRESS' });
  expect(answer.status).toBe(new PortcullisError('E_NO_ADDRESS', '').status);
});
