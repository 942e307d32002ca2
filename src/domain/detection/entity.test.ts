import { expect, test } from 'vitest';
import { formatEntity, parseEntity, type Entity } from './entity.ts';

test.each<[Entity, string]>([
  [{ kind: 'user', realm: 'gateway', username: 'Alice' }, 'gateway:alice'],
  [{ kind: 'user', realm: 'jumpserver-1', username: 'li:si' }, 'jumpserver-1:li:si'],
  [{ kind: 'address', address: '192.0.2.1' }, '@address:192.0.2.1'],
  [{ kind: 'address', address: '2001:db8::/64' }, '@address:2001:db8::/64'],
  [{ kind: 'asset', asset: 'WEB01' }, '@asset:web01'],
  [{ kind: 'source', source: 'gateway' }, '@source:gateway'],
])('%j is %s, and back', (entity, text) => {
  expect(formatEntity(entity)).toBe(text);
  const lowered = JSON.parse(
    JSON.stringify(entity).replace('Alice', 'alice').replace('WEB01', 'web01'),
  ) as Entity;
  expect(parseEntity(text)).toEqual(lowered);
});

test.each(['', 'alice', ':alice', 'gateway:', '@nothing:x', '@:x', '@address:'])(
  '"%s" is no entity',
  (text) => {
    expect(parseEntity(text)).toBeUndefined();
  },
);
