import { afterAll, describe, expect, test } from 'vitest';
import { PortcullisError } from '#contract/errors.ts';
import { newId } from '#lib/ids.ts';
import { insertGroup, replaceGroupUsers } from '#state/group-writer.ts';
import { insertToken, touchToken } from '#state/token-writer.ts';
import { readUserDetails } from '#state/user-detail-reader.ts';
import { stateBackends } from '../state/backends.ts';
import { ROWS } from '../state/rows.ts';
import { addUser } from '../testbed/people.ts';

const { backends, close } = await stateBackends();
afterAll(close);

const NOW = 1_764_000_000_000;

describe.each(backends)('$name', (backend) => {
  test('what is known around users', async () => {
    await using opened = await backend.open();
    const { state } = opened;
    const [alice, bob, group, token] = [newId(), newId(), newId(), newId()];
    await state.transact(async (tx) => {
      for (const [id, username] of [
        [alice, 'alice'],
        [bob, 'bob'],
      ] as const)
        await addUser(tx, { id, username }, NOW);
      await insertGroup(tx, { id: group, name: 'developers' }, NOW);
      await replaceGroupUsers(tx, group, [alice]);
      await insertToken(tx, { id: token, userId: alice, name: 't', hash: 'h', expiresAt: null }, NOW);
      await touchToken(tx, token, NOW + 5);
      await tx
        .insertInto('user_keys')
        .values({
          id: newId(),
          userId: alice,
          algorithm: 'ssh-ed25519',
          fingerprint: 'SHA256:x',
          blob: 'b',
          comment: '',
          suspended: 0,
          createdAt: NOW,
        })
        .execute();
      for (const startedAt of [NOW + 10, NOW + 30, NOW + 20])
        await tx
          .insertInto('sessions')
          .values({ ...ROWS.sessions, id: newId(), userId: alice, username: 'alice', startedAt })
          .execute();
    });
    const known = {
      groups: [{ id: group, name: 'developers' }],
      updatedAt: NOW,
      passwordChangedAt: null,
      lastSessionAt: NOW + 30,
      tokenUsedAt: NOW + 5,
      hasKeys: true,
    };
    expect([...(await readUserDetails(state.reader, alice))]).toEqual([[alice, known]]);
    const all = await readUserDetails(state.reader);
    expect([all.size, all.get(alice)]).toEqual([2, known]);
    expect(all.get(bob)).toEqual({
      groups: [],
      updatedAt: NOW,
      passwordChangedAt: null,
      lastSessionAt: null,
      tokenUsedAt: null,
      hasKeys: false,
    });
    expect((await readUserDetails(state.reader, newId())).size).toBe(0);
  });

  test('a text that no engine keeps finds nobody, or is bad input, and is no defect', async () => {
    await using opened = await backend.open();
    const found = await readUserDetails(opened.state.reader, 'a\u0000b').then(
      (details) => details.size,
      (error: unknown) => (error instanceof PortcullisError ? error.code : error),
    );
    expect(found).toBe(backend.name === 'PostgreSQL' ? 'E_INPUT' : 0);
  });
});
