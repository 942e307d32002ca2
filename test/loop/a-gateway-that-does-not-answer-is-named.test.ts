import { expect, test } from 'vitest';
import type { GatewayNode } from '#control/control.ts';
import { startLoop } from './loop-bed.ts';

const never = (): Promise<never> => new Promise(() => {});

test('the lock is stored, the others are cut, and who has not confirmed is named', async () => {
  const deaf: GatewayNode = { name: 'gateway-2', sessions: () => [], terminate: never, applyLocks: never };
  await using bed = await startLoop({ otherNode: deaf });
  await bed.addUser('alice');
  bed.node.open('alice');
  await bed.deny('alice', 3);
  const said = await bed.event('containment.unconfirmed', (event) => event.data['name'] === 'lock');
  expect(said).toMatchObject({ user: 'alice', severity: 'critical', data: { unconfirmed: ['gateway-2'] } });
  expect(bed.node.sessions()).toEqual([]);
  expect(await bed.locks.inForce()).toMatchObject([{ target: 'alice' }]);
  await bed.event('containment.unconfirmed', (event) => event.data['name'] === 'terminate');
  const report = await bed.mailbox.waitFor((mail) => mail.to.includes('security@example.test'));
  expect(report.text).toContain('not confirmed by gateway-2');
  const states = (await bed.offenses.show('1'))?.actions.map((one) => `${one.action} ${one.state}`);
  expect(states).toContain('terminate retrying');
});

test('a lock added by a person answers unconfirmed within the time a gateway has', async () => {
  const deaf: GatewayNode = { name: 'gateway-2', sessions: () => [], terminate: never, applyLocks: never };
  await using bed = await startLoop({ otherNode: deaf });
  await bed.addUser('alice');
  bed.node.open('alice');
  const added = await bed.locks.add({
    targetKind: 'user',
    target: 'alice',
    mode: 'cut',
    reason: 'r',
    owner: 'carol',
    expiresAt: null,
  });
  expect(added.containment).toEqual({ state: 'unconfirmed', cut: ['session-1'], unconfirmed: ['gateway-2'] });
});
