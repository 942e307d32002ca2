import { expect, test } from 'vitest';
import type { Control } from '#control/control.ts';
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

function recordingHub(): { readonly hub: Control; readonly told: string[][] } {
  const told: string[][] = [];
  const hub: Control = {
    sessions: async () => [],
    terminate: async () => ({ cut: [], unconfirmed: [] }),
    applyLocks: async (locks) => {
      told.push(locks.map((one) => one.target));
      return { cut: [], unconfirmed: [] };
    },
  };
  return { hub, told };
}

test('a list that was read early and told late cannot take away a newer lock', async () => {
  const { hub, told } = recordingHub();
  const stored: Lock[] = [lock('alice')];
  const control = controlFromState(hub, async () => [...stored]);
  const early = [...stored];
  stored.push(lock('bob'));
  await Promise.all([control.applyLocks(stored, 'a'), control.applyLocks(early, 'b')]);
  expect(told.at(-1)).toEqual(['alice', 'bob']);
});

test('a reading that fails fails its own telling and not the next', async () => {
  const { hub, told } = recordingHub();
  let broken = true;
  const control = controlFromState(hub, async () => {
    if (broken) throw new Error('state is away');
    return [lock('alice')];
  });
  await expect(control.applyLocks([], 'a')).rejects.toThrow('state is away');
  broken = false;
  await control.applyLocks([], 'a');
  expect(told).toEqual([['alice']]);
});
