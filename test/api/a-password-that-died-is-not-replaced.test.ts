import { expect, test } from 'vitest';
import { ownPasswordChanger } from '#api/jumpserver/own-password.ts';
import type { Services } from '#api/services.ts';
import { Secret } from '#lib/secret.ts';
import { setPasswordHash } from '#state/user-writer.ts';
import { createApiBed } from './api-bed.ts';

const PASSWORD = 'an old but long pass phrase';
const NEW_PASSWORD = 'another quite long pass phrase';

test('who knew the old password cannot set a new one while a recovery kills it', async () => {
  await using bed = await createApiBed();
  const { services } = bed;
  await bed.person('alice', ['user']);
  const id = (await services.users.find('alice'))?.id ?? '';
  const store = (hash: string | null): Promise<void> =>
    services.state.transact((tx) => setPasswordHash(tx, id, hash, bed.time.nowMs));
  const read = async (): Promise<string | null | undefined> =>
    (await services.users.findById(id))?.passwordHash;
  const first = await services.passwords.hash(new Secret(PASSWORD));
  await store(first);
  const whileKilled: Services = {
    ...services,
    passwords: {
      ...services.passwords,
      hash: async (password) => {
        const hash = await services.passwords.hash(password);
        await store(null);
        return hash;
      },
    },
  };
  const caller = {
    name: 'alice',
    userId: id,
    roles: ['user' as const],
    address: '203.0.113.7',
    credentialExpiresAt: null,
  };
  const body = { old_password: PASSWORD, new_password: NEW_PASSWORD, new_password_again: NEW_PASSWORD };
  await expect(ownPasswordChanger(whileKilled)(caller, body)).rejects.toMatchObject({ code: 'E_CONFLICT' });
  expect(await read()).toBeNull();

  await store(first);
  await ownPasswordChanger(services)(caller, body);
  expect(await read()).not.toBe(first);
});
