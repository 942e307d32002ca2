import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import ssh2 from 'ssh2';
import type { EventRecord } from '#contract/event.ts';
import type { CommandRuleInput } from '#contract/resources/command-rule.ts';
import type { GrantInput } from '#contract/resources/grant.ts';
import { createControl, type ControlHub } from '#control/hub.ts';
import { serverAlgorithms } from '#gateway/ssh/algorithms.ts';
import type { Login, LoginHandler } from '#gateway/ssh/login.ts';
import type { createMenu } from '#gateway/menu/menu.ts';
import type { channelGate } from '#gateway/ssh/session/channel-gate.ts';
import { createSessionManager, type SessionManager } from '#gateway/ssh/session/manager.ts';
import { PolicyCache } from '#gateway/policy-cache.ts';
import { newId } from '#lib/ids.ts';
import { createLogger } from '#lib/log.ts';
import { Secret } from '#lib/secret.ts';
import { monotonicClock, systemClock } from '#lib/time.ts';
import { startStorage, type Storage } from '#main/storage/start.ts';
import { createFolderStore } from '#recording/folder-store.ts';
import type { Recorder } from '#recording/recorder.ts';
import { createRecorder, type RecorderService } from '#recording/writing/create-recorder.ts';
import { accountContext } from '#vault/contexts.ts';
import { openVault } from '#vault/open-vault.ts';
import type { Vault } from '#vault/vault.ts';
import type { Stream } from '#stream/stream.ts';
import { startSshd, type Sshd } from '../testbed/sshd.ts';
import { addUser } from '../testbed/people.ts';
import { storedEvents, waitForEvent } from '../testbed/stored-events.ts';

const run = promisify(execFile);

export interface BedOptions {
  readonly limits?: { readonly idleMs?: number; readonly sessionMs?: number };
  readonly grants?: readonly GrantInput[];
  readonly commandRules?: readonly CommandRuleInput[];
  readonly wrapRecorder?: (recorder: Recorder) => Recorder;
  /** Stands between the sessions and the stream. */
  readonly publish?: (events: readonly EventRecord[], publish: Stream['publish']) => Promise<void>;
  readonly openMenu?: typeof createMenu;
  readonly channelGate?: typeof channelGate;
  /** Pins this key instead of the one the asset has; null pins none. */
  readonly hostKey?: string | null;
  readonly trustOnFirstUse?: boolean;
  readonly sshdConfig?: readonly string[];
  readonly logLevel?: 'silent' | 'warn';
}

export const GRANT: GrantInput = {
  name: 'dev-web',
  users: ['alice'],
  groups: [],
  assets: ['web01'],
  accounts: ['*'],
  actions: ['shell', 'exec'],
  mode: 'guard',
  secondFactor: false,
};

/**
 * Everything between a login and an asset, for real: storage, vault, recordings, policy, a real sshd. Only the
 * login itself is short: whoever comes is who they say.
 */
export interface Bed extends AsyncDisposable {
  readonly port: number;
  readonly sshd: Sshd;
  readonly manager: SessionManager;
  readonly control: ControlHub;
  readonly storage: Storage;
  readonly policy: PolicyCache;
  readonly vault: Vault;
  readonly recorder: RecorderService;
  readonly folder: string;
  /** Options for the real ssh, without host key questions, ending in the destination. */
  ssh(user: string, ...options: readonly string[]): string[];
  /** Resolves with the first event of the type that fits, also when it was published before. */
  event(type: EventRecord['type'], fits?: (event: EventRecord) => boolean): Promise<EventRecord>;
  events(): Promise<readonly EventRecord[]>;
  addGrant(grant: GrantInput): Promise<void>;
}

export async function openBed(options: BedOptions = {}): Promise<Bed> {
  await using stack = new AsyncDisposableStack();
  const logger = createLogger(options.logLevel ?? 'silent');
  const folder = await mkdtemp(join(tmpdir(), 'portcullis-session-'));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const sshd = stack.use(await startSshd({ extraConfig: options.sshdConfig ?? [] }));
  const storage = stack.use(
    await startStorage({
      dataDir: join(folder, 'data'),
      logger,
      onFailure: (error) => {
        throw error;
      },
    }),
  );
  const vault = await openVault({ keyFile: join(folder, 'data', 'master.key'), createIfMissing: true });
  const { state, stream } = storage;
  const assetId = newId();
  const accountId = newId();
  await state.transact(async (tx) => {
    const now = Date.now();
    await addUser(tx, { id: USER_IDS.alice, username: 'alice', name: 'Alice' }, now);
    await addUser(tx, { id: USER_IDS.bob, username: 'bob', name: 'Bob' }, now);
    await tx
      .insertInto('assets')
      .values({
        id: assetId,
        name: 'web01',
        nameKey: 'web01',
        address: '127.0.0.1',
        port: sshd.port,
        trustOnFirstUse: options.trustOnFirstUse === true ? 1 : 0,
        createdAt: now,
        updatedAt: now,
      })
      .execute();
    const hostKey = options.hostKey === undefined ? sshd.hostKey : options.hostKey;
    if (hostKey !== null) {
      const [algorithm = '', blob = ''] = hostKey.split(' ');
      await tx
        .insertInto('asset_host_keys')
        .values({ assetId, algorithm, blob, origin: 'configured', pinnedAt: now })
        .execute();
    }
    await tx
      .insertInto('accounts')
      .values({
        id: accountId,
        assetId,
        username: sshd.account,
        secretKind: 'privateKey',
        sealed: vault.seal(new Secret(sshd.privateKey), accountContext(accountId)),
        updatedAt: now,
      })
      .execute();
    for (const rule of options.commandRules ?? []) {
      const { users, groups, roles, assets, accounts, patterns, message, ...rest } = rule;
      await tx
        .insertInto('command_rules')
        .values({
          ...rest,
          id: newId(),
          nameKey: rule.name.toLowerCase(),
          users: JSON.stringify(users),
          groups: JSON.stringify(groups),
          roles: JSON.stringify(roles),
          assets: JSON.stringify(assets),
          accounts: JSON.stringify(accounts),
          patterns: JSON.stringify(patterns),
          message: message ?? null,
          updatedAt: now,
        })
        .execute();
    }
  });
  const policy = new PolicyCache({
    reader: state.reader,
    ssh: { allowUsers: [], blockUsers: [], environment: ['LANG', 'LC_*', 'TERM', 'PORTCULLIS_TEST_*'] },
    clock: systemClock,
  });
  const addGrant = async (grant: GrantInput): Promise<void> => {
    await state.transact(async (tx) => {
      await tx
        .insertInto('grants')
        .values({
          id: newId(),
          name: grant.name,
          nameKey: grant.name,
          users: JSON.stringify(grant.users),
          groups: JSON.stringify(grant.groups),
          assets: JSON.stringify(grant.assets),
          accounts: JSON.stringify(grant.accounts),
          actions: JSON.stringify(grant.actions),
          mode: grant.mode,
          secondFactor: grant.secondFactor ? 1 : 0,
          createdAt: 0,
          updatedAt: 0,
        })
        .execute();
    });
    policy.policyChanged();
  };
  for (const grant of options.grants ?? [GRANT]) await addGrant(grant);

  const recorder = stack.use(
    await createRecorder({
      store: createFolderStore({ folder: join(folder, 'data', 'recordings') }),
      vault,
      state,
      stream,
      clock: systemClock,
      logger,
    }),
  );
  const control = stack.use(createControl({ logger }));
  const manager = stack.use(
    createSessionManager({
      node: 'test',
      state,
      stream: options.publish === undefined ? stream : withPublish(stream, options.publish),
      recorder: options.wrapRecorder?.(recorder) ?? recorder,
      vault,
      control,
      policy,
      config: {
        limits: {
          idleMs: options.limits?.idleMs ?? 1_800_000,
          sessionMs: options.limits?.sessionMs ?? 86_400_000,
          connectTimeoutMs: 5_000,
        },
        environment: ['LANG', 'LC_*', 'TERM', 'PORTCULLIS_TEST_*'],
      },
      ...(options.openMenu === undefined ? {} : { openMenu: options.openMenu }),
      ...(options.channelGate === undefined ? {} : { channelGate: options.channelGate }),
      clock: systemClock,
      monotonicClock,
      logger,
    }),
  );
  const front = stack.use(await openFront(folder, manager));
  const owned = stack.move();
  return {
    port: front.port,
    sshd,
    manager,
    control,
    storage,
    policy,
    vault,
    recorder,
    folder,
    ssh: (user, ...more) => [...SSH_OPTIONS, '-p', String(front.port), ...more, `${user}@127.0.0.1`],
    event: (type, fits) => waitForEvent(stream, type, fits),
    events: () => storedEvents(stream),
    addGrant,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function withPublish(stream: Stream, publish: NonNullable<BedOptions['publish']>): Stream {
  const original: Stream['publish'] = (events) => stream.publish(events);
  return new Proxy(stream, {
    get: (target, name) => {
      if (name === 'publish') return (events: readonly EventRecord[]) => publish(events, original);
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (value as (...args: unknown[]) => unknown).bind(target) : value;
    },
  });
}

export const USER_IDS = {
  alice: '00000000-0000-7000-8000-00000000a11c',
  bob: '00000000-0000-7000-8000-000000000b0b',
} as const;

export const SSH_OPTIONS: readonly string[] = [
  '-F',
  'none',
  '-o',
  'StrictHostKeyChecking=no',
  '-o',
  'UserKnownHostsFile=/dev/null',
  '-o',
  'LogLevel=ERROR',
  '-o',
  'PreferredAuthentications=none',
];

interface Front extends AsyncDisposable {
  readonly port: number;
}

/** An SSH server that lets everybody in as who they say: `alice`, or `alice@account@asset`. */
async function openFront(folder: string, handler: LoginHandler): Promise<Front> {
  const keyFile = join(folder, 'gateway_ed25519');
  await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', keyFile]);
  const server = new ssh2.Server(
    {
      hostKeys: [await readFile(keyFile)],
      algorithms: serverAlgorithms({ hasNativeCrypto: true, knownKeyExchanges: ['curve25519-sha256'] }),
    },
    (connection, info) => {
      const closed = new AbortController();
      let typed = '';
      connection.on('error', () => undefined);
      connection.on('close', () => closed.abort());
      connection.on('authentication', (context) => {
        typed = context.username;
        context.accept();
      });
      connection.on('ready', () => {
        const [username = '', account, asset] = typed.split('@');
        const login: Login = {
          id: newId(),
          userId: username === 'bob' ? USER_IDS.bob : USER_IDS.alice,
          username,
          name: username,
          groups: [],
          kind: 'person',
          language: 'en',
          address: info.ip,
          port: info.port,
          method: 'publickey',
          keyFingerprint: null,
          secondFactor: 'none',
          clientSoftware: 'test',
          target: account === undefined || asset === undefined ? null : { account, asset },
          connection,
          startedAt: Date.now(),
          closed: closed.signal,
          noteEnd: () => undefined,
        };
        handler.accept(login);
      });
    },
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address() as unknown as { readonly port: number };
  return {
    port: address.port,
    [Symbol.asyncDispose]() {
      // Whoever is still there is for the session manager to send away, which is disposed after this.
      server.close();
      return Promise.resolve();
    },
  };
}
