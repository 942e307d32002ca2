import { expect, test } from 'vitest';
import type { IntakeState } from '../services.ts';
import { checkIntake } from './check-intake.ts';

const listener = {
  transport: 'udp',
  address: '127.0.0.1:5514',
  connections: 0,
  received: 7,
  droppedByKernel: 0,
  droppedHere: 0,
  refused: 0,
  truncated: 0,
} as const;
const check = (state: Partial<IntakeState>): ReturnType<typeof checkIntake> =>
  checkIntake(
    { status: async () => ({ listeners: [listener], problem: null, lastMessageMs: 1000, ...state }) },
    61_000,
  );

test('an intake that takes everything is well, and so is none', async () => {
  expect(await check({})).toMatchObject({
    status: 'ok',
    detail: 'udp 127.0.0.1:5514: 7 received, 0 dropped; last message 60 s ago',
  });
  expect(await check({ listeners: [] })).toMatchObject({ status: 'ok' });
});

test('what was dropped, by whomever, is a warning', async () => {
  expect(await check({ listeners: [{ ...listener, droppedByKernel: 2 }] })).toMatchObject({
    status: 'warning',
  });
  expect(await check({ listeners: [{ ...listener, droppedHere: 1 }] })).toMatchObject({ status: 'warning' });
});

test('an intake that takes nothing is a failure, with its cause', async () => {
  expect(await check({ problem: 'the disk is short' })).toMatchObject({
    status: 'failure',
    detail: expect.stringContaining('nothing is taken: the disk is short') as string,
  });
});
