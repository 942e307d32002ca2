import { expect, test } from 'vitest';
import type { Lock } from '#contract/resources/lock.ts';
import { newId } from '#lib/ids.ts';
import { LockBook } from './lock-book.ts';

const alice = {
  username: 'alice',
  groups: ['developers'],
  address: '192.0.2.7',
  keyFingerprint: null,
  asset: null,
  account: null,
  session: null,
};

function lock(part: Partial<Lock>): Lock {
  return {
    id: newId(),
    targetKind: 'user',
    target: 'alice',
    mode: 'cut',
    reason: 'test',
    owner: 'admin',
    offenseId: null,
    createdAt: 0,
    expiresAt: null,
    ...part,
  };
}

test('every mode denies, only cut cuts, only freeze freezes', () => {
  const book = new LockBook(() => 1_000);
  for (const mode of ['deny', 'freeze', 'cut'] as const) {
    const only = lock({ mode });
    book.replace([only]);
    expect(book.denying(alice)).toBe(only);
    expect(book.cutting(alice)).toBe(mode === 'cut' ? only : undefined);
    expect(book.freezing(alice)).toBe(mode === 'freeze' ? only : undefined);
    expect(book.denying({ ...alice, username: 'bob' })).toBeUndefined();
  }
});

test('an expired lock is not in force, and replacing forgets what was there', () => {
  let now = 1_000;
  const book = new LockBook(() => now);
  book.replace([lock({ expiresAt: 2_000 }), lock({ targetKind: 'group', target: 'developers' })]);
  expect(book.inForce()).toHaveLength(2);
  now = 2_000;
  expect(book.inForce()).toHaveLength(1);
  expect(book.cutting(alice)?.targetKind).toBe('group');
  book.replace([]);
  expect(book.cutting(alice)).toBeUndefined();
});
