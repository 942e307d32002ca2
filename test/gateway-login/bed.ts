import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ssh2, { type AuthenticationType, type ConnectConfig } from 'ssh2';
import type { EventRecord } from '#contract/event.ts';
import { startSshGateway } from '#gateway/ssh/front/listener.ts';
import { generateKey } from '#gateway/ssh/generate-key.ts';
import type { Publish } from '#gateway/ssh/front/event-outlet.ts';
import type { Login, LoginHandler } from '#gateway/ssh/login.ts';
import { secondFactorContext } from '#vault/contexts.ts';
import { openVault } from '#vault/open-vault.ts';
import { PolicyCache } from '#gateway/policy-cache.ts';
import { createAuthenticator } from '#identity/authenticator.ts';
import { createLoginGuard, type LoginGuard } from '#identity/login-guard.ts';
import { createSecondFactors } from '#identity/second-factors.ts';
import { createPasswords, type PasswordsOptions } from '#identity/passwords.ts';
import { keyFingerprint } from '#identity/public-keys.ts';
import { newId } from '#lib/ids.ts';
import { createLogger } from '#lib/log.ts';
import { Secret } from '#lib/secret.ts';
import { systemClock } from '#lib/time.ts';
import { startStorage } from '#main/storage/start.ts';
import { UserReader } from '#state/user-reader.ts';
import { replaceUserKeys } from '#state/user-writer.ts';
import { string } from './raw-client.ts';
import { addUser } from '../testbed/people.ts';
import { storedEvents, waitForEvent } from '../testbed/stored-events.ts';

export interface ClientKey {
  readonly privateKey: string;
  readonly blob: Buffer;
  readonly fingerprint: string;
}

export function newClientKey(type: 'ed25519' | 'rsa' = 'ed25519'): ClientKey {
  const pair = generateKey(type);
  const blob = Buffer.from(pair.public.split(' ')[1] ?? '', 'base64');
  return { privateKey: pair.private, blob, fingerprint: keyFingerprint(blob) };
}

/** A FIDO key as a token would hold it, here in software. */
export function newFidoKey(): ClientKey {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const point = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url');
  const blob = Buffer.concat([string('sk-ssh-ed25519@openssh.com'), string(point), string('ssh:')]);
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' });
  return { privateKey: String(pem), blob, fingerprint: keyFingerprint(blob) };
}

export interface BedOptions {
  readonly limits?: {
    readonly loginGraceMs?: number;
    readonly authenticationTries?: number;
    readonly pendingConnections?: number;
    readonly connectionsPerAddress?: number;
  };
  readonly trustedProxies?: readonly string[];
  readonly banner?: string;
  readonly allowUsers?: readonly string[];
  readonly blockUsers?: readonly string[];
  readonly guard?: LoginGuard;
  readonly passwords?: PasswordsOptions;
  /** In place of the real stream. */
  readonly publish?: Publish;
  readonly handler?: LoginHandler;
}

/**
 * The SSH front on real storage, with alice (password and keys), robot (a service user), lara (locked) and bert
 * (blocked); the password of all is `right`. Who gets in is told `in as NAME` for any command.
 */
export interface Bed extends AsyncDisposable {
  readonly port: number;
  readonly hostKeyLines: readonly string[];
  readonly folder: string;
  readonly keys: {
    readonly alice: ClientKey;
    readonly aliceRsa: ClientKey;
    readonly suspended: ClientKey;
    readonly fido: ClientKey;
  };
  readonly logins: readonly Login[];
  /** Everybody gets an authenticator with this secret. */
  enrolAll(secret: Secret<Uint8Array>): Promise<void>;
  /** Ends the gateway, so that the last events are told. */
  stop(): Promise<void>;
  events(): Promise<readonly EventRecord[]>;
  /** Resolves with the first event of the type that fits, also when it was published before. */
  event(type: EventRecord['type'], fits?: (event: EventRecord) => boolean): Promise<EventRecord>;
}

const NO_BACK_OFF = { freeTries: 1e9, firstPauseMs: 1, longestPauseMs: 1, forgetAfterMs: 1 };
export const noBackOff = (): LoginGuard =>
  createLoginGuard({ perAddress: NO_BACK_OFF, perUser: NO_BACK_OFF });

export async function openBed(options: BedOptions = {}): Promise<Bed> {
  await using stack = new AsyncDisposableStack();
  const logger = createLogger('silent');
  const folder = await mkdtemp(join(tmpdir(), 'portcullis-login-'));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const { state, stream } = stack.use(
    await startStorage({
      dataDir: folder,
      logger,
      onFailure: (error) => {
        throw error;
      },
    }),
  );
  const vault = await openVault({ keyFile: join(folder, 'master.key'), createIfMissing: true });
  const passwords = createPasswords(options.passwords);
  const passwordHash = await passwords.hash(new Secret('right'));
  const keys = {
    alice: newClientKey(),
    aliceRsa: newClientKey('rsa'),
    suspended: newClientKey(),
    fido: newFidoKey(),
  };
  await state.transact(async (tx) => {
    const now = Date.now();
    for (const [username, kind] of [
      ['Alice', 'person'],
      ['robot', 'service'],
      ['lara', 'person'],
      ['bert', 'person'],
    ] as const) {
      const id = newId();
      await addUser(tx, { id, username, name: username, kind, passwordHash }, now);
      const own =
        username === 'Alice' ? [keys.alice, keys.aliceRsa, keys.suspended, keys.fido] : [keys.alice];
      const rows = own.map((key) => ({
        id: newId(),
        algorithm: key.blob.toString('latin1', 4, 4 + key.blob.readUInt32BE(0)),
        fingerprint: key.fingerprint,
        blob: key.blob.toString('base64'),
        comment: '',
      }));
      await replaceUserKeys(tx, id, rows, now);
    }
    await tx
      .updateTable('user_keys')
      .set({ suspended: 1 })
      .where('fingerprint', '=', keys.suspended.fingerprint)
      .execute();
    const lock = {
      id: newId(),
      targetKind: 'user',
      target: 'lara',
      targetKey: 'lara',
      mode: 'cut',
      reason: 'test',
    };
    const open = {
      offenseId: null,
      episode: null,
      expiresAt: null,
      endedAt: null,
      endedBy: null,
      endReason: null,
    };
    await tx
      .insertInto('locks')
      .values({ ...lock, ...open, mode: 'cut', owner: 'test', createdAt: now })
      .execute();
  });
  const policy = new PolicyCache({
    reader: state.reader,
    ssh: {
      allowUsers: options.allowUsers ?? [],
      blockUsers: options.blockUsers ?? ['BERT'],
      environment: [],
    },
    clock: systemClock,
  });
  const logins: Login[] = [];
  const gateway = await startSshGateway({
    listen: [{ host: '127.0.0.1', port: 0 }],
    dataDir: folder,
    banner: options.banner ?? '',
    limits: {
      loginGraceMs: 20_000,
      authenticationTries: 6,
      pendingConnections: 200,
      connectionsPerAddress: 100,
      ...options.limits,
    },
    trustedProxies: options.trustedProxies ?? [],
    authenticator: createAuthenticator({
      users: new UserReader(state.reader),
      passwords,
      guard: options.guard ?? noBackOff(),
      secondFactors: createSecondFactors({ state, vault, clock: systemClock }),
      facts: () => policy.facts(),
    }),
    publish: options.publish ?? ((events) => stream.publish(events)),
    loginHandler: {
      accept: (login) => {
        logins.push(login);
        (options.handler ?? greeter).accept(login);
      },
      drain: async () => options.handler?.drain?.(),
    },
    clock: systemClock,
    logger,
  });
  let stopping: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    stopping ??= Promise.resolve(gateway[Symbol.asyncDispose]());
    await stopping;
  };
  stack.defer(stop);
  const owned = stack.move();
  return {
    port: gateway.addresses[0]?.port ?? 0,
    hostKeyLines: gateway.hostKeyLines,
    folder,
    keys,
    logins,
    enrolAll: (secret) =>
      state.transact(async (tx) => {
        const users = await tx.selectFrom('users').select('id').execute();
        await tx
          .insertInto('second_factors')
          .values(
            users.map(({ id }) => ({
              userId: id,
              sealed: vault.seal(secret, secondFactorContext(id)),
              lastStep: 0,
              enrolledAt: 0,
            })),
          )
          .execute();
      }),
    stop,
    events: () => storedEvents(stream),
    event: (type, fits) => waitForEvent(stream, type, fits),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

const greeter: LoginHandler = {
  accept: ({ connection, username }) => {
    connection.on('session', (accept) => {
      accept().on('exec', (acceptExec) => {
        const channel = acceptExec();
        channel.write(`in as ${username}\n`);
        channel.exit(0);
        channel.end();
      });
    });
  },
};

export interface Attempt {
  readonly isIn: boolean;
  /** What the first command printed. */
  readonly output: string;
  /** Methods the server named with its last refusal. */
  readonly methods: readonly string[];
  readonly error: string;
  readonly local: { readonly address: string; readonly port: number };
}

/** One login with ssh2's client, by the one method that is given. */
export async function tryLogin(port: number, config: Omit<ConnectConfig, 'port'>): Promise<Attempt> {
  const client = new ssh2.Client();
  const { promise, resolve } = Promise.withResolvers<Attempt>();
  let methods: readonly string[] = [];
  const local = { address: '', port: 0 };
  const finish = (isIn: boolean, output: string, error: string): void => {
    client.end();
    resolve({ isIn, output, methods, error, local });
  };
  client.on('error', (error) => finish(false, '', error.message));
  client.on('close', () => finish(false, '', 'closed'));
  client.on('ready', () => {
    client.exec('whoami', (error, channel) => {
      if (error !== undefined) {
        finish(true, '', error.message);
        return;
      }
      let output = '';
      channel.on('data', (chunk: Buffer) => {
        output += chunk.toString('utf8');
      });
      channel.on('close', () => finish(true, output, ''));
    });
  });
  const wanted = methodsOf(config);
  let next = 0;
  client.connect({
    host: '127.0.0.1',
    port,
    readyTimeout: 30_000,
    ...config,
    authHandler: ((
      left: readonly AuthenticationType[] | null,
      _partial: boolean,
      answer: (method: unknown) => void,
    ) => {
      if (left !== null) methods = left;
      answer(wanted[next++] ?? false);
    }) as never,
  });
  if (config.tryKeyboard === true) {
    client.on('keyboard-interactive', (_name, _instructions, _language, prompts, answer) =>
      answer(prompts.map(() => String(config.password))),
    );
  }
  return promise;
}

function methodsOf(config: Omit<ConnectConfig, 'port'>): readonly string[] {
  if (config.privateKey !== undefined) return ['none', 'publickey'];
  return config.tryKeyboard === true ? ['none', 'keyboard-interactive'] : ['none', 'password'];
}
