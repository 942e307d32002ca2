import { expect, test } from 'vitest';
import { parseLoginName } from './login-name.ts';

test.each([
  ['alice', 'alice', null],
  ['alice@root@web01', 'alice', { account: 'root', asset: 'web01' }],
  ['alice#root#web01', 'alice', { account: 'root', asset: 'web01' }],
  ['alice@CORP\\svc.sql@db-1', 'alice', { account: 'CORP\\svc.sql', asset: 'db-1' }],
  ['alice@example.com', 'alice@example.com', null],
  ['alice@root@web01@gw', 'alice@root@web01@gw', null],
  ['alice@@web01', 'alice@@web01', null],
  ['alice@root@../etc', 'alice@root@../etc', null],
  ['alice@root@web01\n', 'alice@root@web01\n', null],
  ['@root@web01', '', { account: 'root', asset: 'web01' }],
  ['', '', null],
])('%j is the user %j with the target %j', (typed, user, target) => {
  expect(parseLoginName(typed)).toEqual({ user, target });
});
