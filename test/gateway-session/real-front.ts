import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startSshGateway } from '#gateway/ssh/front/listener.ts';
import { createAuthenticator } from '#identity/authenticator.ts';
import { createLoginGuard } from '#identity/login-guard.ts';
import { createSecondFactors } from '#identity/second-factors.ts';
import { createPasswords } from '#identity/passwords.ts';
import { parsePublicKeyLine } from '#identity/public-key-line.ts';
import { newId } from '#lib/ids.ts';
import { createLogger } from '#lib/log.ts';
import { monotonicClock, systemClock } from '#lib/time.ts';
import { UserReader } from '#state/user-reader.ts';
import { USER_IDS, type Bed } from './bed.ts';

const run = promisify(execFile);

export interface RealFront extends AsyncDisposable {
  readonly port: number;
  /** A key with which alice logs in. */
  readonly keyFile: string;
}

/** The gateway's own front door before the sessions of a bed, and a key for alice. */
export async function openRealFront(bed: Bed): Promise<RealFront> {
  const keyFile = join(bed.folder, 'alice_ed25519');
  await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', keyFile]);
  const key = parsePublicKeyLine((await readFile(`${keyFile}.pub`, 'utf8')).trim());
  if (!key.ok) throw new Error(`not a key: ${key.error}`);
  const { state, stream } = bed.storage;
  await state.transact(async (tx) => {
    await tx
      .insertInto('user_keys')
      .values({
        id: newId(),
        userId: USER_IDS.alice,
        algorithm: key.value.algorithm,
        fingerprint: key.value.fingerprint,
        blob: Buffer.from(key.value.blob).toString('base64'),
        comment: '',
        suspended: 0,
        createdAt: 0,
      })
      .execute();
  });
  const gateway = await startSshGateway({
    listen: [{ host: '127.0.0.1', port: 0 }],
    dataDir: join(bed.folder, 'data'),
    banner: '',
    limits: {
      loginGraceMs: 60_000,
      authenticationTries: 6,
      pendingConnections: 1_000,
      connectionsPerAddress: 1_000,
    },
    trustedProxies: [],
    authenticator: createAuthenticator({
      users: new UserReader(state.reader),
      passwords: createPasswords(),
      guard: createLoginGuard({ clock: monotonicClock }),
      secondFactors: createSecondFactors({ state, vault: bed.vault, clock: systemClock }),
      facts: () => bed.policy.facts(),
    }),
    publish: (events) => stream.publish(events),
    loginHandler: bed.manager,
    clock: systemClock,
    logger: createLogger('silent'),
  });
  const port = gateway.addresses[0]?.port ?? 0;
  return { port, keyFile, [Symbol.asyncDispose]: () => gateway[Symbol.asyncDispose]() };
}
