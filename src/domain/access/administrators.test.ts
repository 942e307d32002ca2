import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LockTargetKind } from '#contract/resources/lock.ts';
import { administratorsLeft, lastAdministrators, type Administrator } from './administrators.ts';

const person = (username: string, more: Partial<Administrator> = {}): Administrator => ({
  username,
  kind: 'person',
  groups: [],
  hasPassword: true,
  hasToken: false,
  keys: [],
  ...more,
});
const lock = (targetKind: LockTargetKind, target: string) => ({ targetKind, target });

describe('who is left', () => {
  const both = [person('alice', { groups: ['Ops'] }), person('bob')];

  test.each([
    [[], ['alice', 'bob']],
    [[lock('user', 'ALICE')], ['bob']],
    [[lock('group', 'ops')], ['bob']],
    [[lock('group', 'ops'), lock('user', 'bob')], []],
    [
      [lock('asset', 'bob'), lock('gateway', '*'), lock('address', '10.0.0.0/8')],
      ['alice', 'bob'],
    ],
  ])('under %j', (locks, people) => {
    expect(administratorsLeft(both, locks)).toEqual({ people, all: people });
  });

  test('needs a credential that works', () => {
    const bare = person('carol', { hasPassword: false });
    expect(administratorsLeft([bare], [])).toEqual({ people: [], all: ['carol'] });
    expect(administratorsLeft([{ ...bare, hasToken: true }], []).people).toEqual(['carol']);
    const withKey = { ...bare, keys: ['SHA256:a'] };
    expect(administratorsLeft([withKey], []).people).toEqual(['carol']);
    expect(administratorsLeft([withKey], [lock('key', 'SHA256:a')]).people).toEqual([]);
    const withTwo = { ...bare, keys: ['SHA256:a', 'SHA256:b'] };
    expect(administratorsLeft([withTwo], [lock('key', 'SHA256:a')]).people).toEqual(['carol']);
  });
});

describe('the last', () => {
  const robot = person('robot', { kind: 'service', hasToken: true });

  test('person stays, whoever else there is', () => {
    const before = administratorsLeft([person('alice'), robot], []);
    expect(lastAdministrators(before, administratorsLeft([robot], []))).toEqual(['alice']);
  });

  test('service user stays where there is no person', () => {
    const before = administratorsLeft([robot], []);
    expect(lastAdministrators(before, administratorsLeft([], []))).toEqual(['robot']);
  });

  test('one cannot be taken where there was none', () => {
    const none = administratorsLeft([], []);
    expect(lastAdministrators(none, none)).toBeUndefined();
  });

  test('more locks never leave more', () => {
    const kinds = fc.constantFrom<LockTargetKind>('user', 'group', 'key', 'address', 'gateway');
    const names = fc.constantFrom('a', 'b', 'c');
    const admins = fc.array(
      fc
        .record({
          username: names,
          groups: fc.array(names),
          hasPassword: fc.boolean(),
          keys: fc.array(names),
        })
        .map(({ username, ...more }) => person(username, more)),
    );
    const locks = fc.array(fc.record({ targetKind: kinds, target: names }));
    fc.assert(
      fc.property(admins, locks, locks, (who, some, more) => {
        const few = administratorsLeft(who, some).people;
        for (const name of administratorsLeft(who, [...some, ...more]).people) expect(few).toContain(name);
      }),
    );
  });
});
