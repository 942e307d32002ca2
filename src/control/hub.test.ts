import { pino } from 'pino';
import { expect, test } from 'vitest';
import type { Lock } from '#contract/resources/lock.ts';
import type { GatewayNode, LiveSession } from './control.ts';
import { createControl } from './hub.ts';

const logger = pino({ level: 'silent' });

function session(id: string): LiveSession {
  return {
    id,
    state: 'active',
    userId: 'u',
    username: 'alice',
    groups: [],
    address: '192.0.2.7',
    port: 1,
    keyFingerprint: null,
    asset: 'web01',
    account: 'root',
    protocol: 'ssh',
    startedAt: 0,
    channels: ['shell'],
  };
}

function node(name: string, part: Partial<GatewayNode> = {}): GatewayNode {
  return {
    name,
    sessions: () => [session(name)],
    terminate: async () => [session(name)],
    applyLocks: async () => [],
    ...part,
  };
}

test('orders reach every gateway and the answers are put together', async () => {
  using hub = createControl({ logger });
  hub.register(node('one'));
  hub.register(node('two'));
  expect((await hub.sessions()).map((one) => one.id)).toEqual(['one', 'two']);
  const answer = await hub.terminate({ username: 'alice', by: 'admin', reason: 'test' });
  expect(answer.cut.map((one) => one.id)).toEqual(['one', 'two']);
  expect(answer.unconfirmed).toEqual([]);
});

test('a gateway that hangs or fails is named, and does not hold up what the others did', async () => {
  using hub = createControl({ logger, answerTimeoutMs: 20 });
  hub.register(node('good'));
  hub.register(node('hangs', { terminate: () => new Promise(() => undefined) }));
  hub.register(node('fails', { terminate: async () => Promise.reject(new Error('no')) }));
  const answer = await hub.terminate({ username: 'alice', by: 'admin', reason: 'test' });
  expect(answer.cut.map((one) => one.id)).toEqual(['good']);
  expect(answer.unconfirmed).toEqual(['hangs', 'fails']);
});

test('the order of calls is the order of effect, and a late gateway gets the locks in force', async () => {
  using hub = createControl({ logger });
  const seen: string[] = [];
  const recording = (name: string): GatewayNode =>
    node(name, {
      applyLocks: (locks: readonly Lock[], by) => {
        seen.push(`${name} locks ${locks.length} ${by}`);
        return Promise.resolve([]);
      },
      terminate: () => {
        seen.push(`${name} terminate`);
        return Promise.resolve([]);
      },
    });
  hub.register(recording('one'));
  const orders = [
    hub.applyLocks([], 'first'),
    hub.terminate({ username: 'alice', by: 'admin', reason: 'test' }),
    hub.applyLocks([], 'second'),
  ];
  expect(seen).toEqual(['one locks 0 first', 'one terminate', 'one locks 0 second']);
  await Promise.all(orders);
  hub.register(recording('two'));
  expect(seen.at(-1)).toBe('two locks 0 second');
});

test('a gateway that has left, or whose hub is gone, holds no lease', () => {
  const hub = createControl({ logger });
  const first = hub.register(node('one'));
  const second = hub.register(node('two'));
  expect(first.lease.isHeld()).toBe(true);
  first[Symbol.dispose]();
  expect(first.lease.isHeld()).toBe(false);
  expect(second.lease.isHeld()).toBe(true);
  hub[Symbol.dispose]();
  expect(second.lease.isHeld()).toBe(false);
});
