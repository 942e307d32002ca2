import { expect, test } from 'vitest';
import type { ControlHub } from '#control/hub.ts';
import type { Lock } from '#contract/resources/lock.ts';
import { controlFromState } from './control-from-state.ts';

const lock = (target: string): Lock => ({
  id: '00000000-0000-4000-8000-000000000000',
  targetKind: 'user',
  target,
  mode: 'cut',
  reason: '',
  owner: 'system',
  offenseId: null,
  createdAt: 0,
  expiresAt: null,
});

type Hub = Pick<ControlHub, 'sessions' | 'terminate' | 'applyLocks'>;

function recordingHub(): { readonly hub: Hub; readonly told: string[][] } {
  const told: string[][] = [];
  const hub: Hub = {
    sessions: async () => [],
    terminate: async () => ({ cut: [], unconfirmed: [] }),
    applyLocks: async (locks) => {
      told.push(locks.map((one) => one.target));
      return { cut: [], unconfirmed: [] };
    },
  };
  return { hub, told };
}

test('a reading that takes long cannot take away a newer lock', async () => {
  const { hub, told } = recordingHub();
  const stored: Lock[] = [lock('alice')];
  const slow = Promise.withResolvers<void>();
  let readings = 0;
  const control = controlFromState(hub, async () => {
    const read = [...stored];
    readings += 1;
    if (readings === 1) await slow.promise;
    return read;
  });
  const first = control.tellLocks('a');
  await Promise.resolve();
  stored.push(lock('bob'));
  const second = control.tellLocks('b');
  slow.resolve();
  await Promise.all([first, second]);
  expect(told).toEqual([['alice'], ['alice', 'bob']]);
});

test('a reading that fails fails its own telling and not the next', async () => {
  const { hub, told } = recordingHub();
  let broken = true;
  const control = controlFromState(hub, async () => {
    if (broken) throw new Error('state is away');
    return [lock('alice')];
  });
  await expect(control.tellLocks('a')).rejects.toThrow('state is away');
  broken = false;
  await control.tellLocks('a');
  expect(told).toEqual([['alice']]);
});
