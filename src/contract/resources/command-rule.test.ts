import { expect, test } from 'vitest';
import { CommandRuleInput } from './command-rule.ts';

const rule = { name: 'r', kind: 'program', patterns: ['su'], verdict: 'deny' };

test.each([
  [{}, ['*']],
  [{ groups: ['dev'] }, []],
  [{ roles: ['auditor'] }, []],
  [{ groups: [], roles: [] }, ['*']],
  [{ users: ['alice'], roles: ['auditor'] }, ['alice']],
  [{ users: [] }, []],
])('%j concerns the users %j', (fields, users) => {
  expect(CommandRuleInput.parse({ ...rule, ...fields }).users).toEqual(users);
});

test('roles are those that users can have', () => {
  expect(CommandRuleInput.safeParse({ ...rule, roles: ['root'] }).success).toBe(false);
});
