import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { createAuthenticator } from '#api/access/authenticate.ts';
import type { ArchiveQuery } from '#archive/archive.ts';
import { type Metrics, startMetrics } from '#api/metrics.ts';
import { buildServer } from '#api/server.ts';
import type { RecoveryService, Services } from '#api/services.ts';
import type { Config } from '#config/config.ts';
import type { EventRecord } from '#contract/event.ts';
import { PortcullisError } from '#contract/errors.ts';
import type { Role } from '#contract/resources/user.ts';
import type { GatewayNode, LiveSession } from '#control/control.ts';
import { createControl } from '#control/hub.ts';
import { PolicyCache } from '#gateway/policy-cache.ts';
import { createAuthenticator as createSignIn } from '#identity/authenticator.ts';
import { explainLines } from '#intake/explain-lines.ts';
import { importLines } from '#intake/import-lines.ts';
import { Sources } from '#intake/sources/sources.ts';
import { SHIPPED } from '../normalise/shipped-types.ts';
import { createLoginGuard } from '#identity/login-guard.ts';
import { createPasswords } from '#identity/passwords.ts';
import { createSecondFactors } from '#identity/second-factors.ts';
import { issueToken } from '#identity/tokens.ts';
import { newId } from '#lib/ids.ts';
import { createLogger } from '#lib/log.ts';
import type { Secret } from '#lib/secret.ts';
import { startStorage, type Storage } from '#main/storage/start.ts';
import { controlFromState } from '#main/control-from-state.ts';
import { locksInForce } from '#responder/locks/lock-row.ts';
import { createLockService } from '#responder/locks/lock-service.ts';
import { OffenseService } from '#responder/offenses/offense-service.ts';
import { type Connectors, NO_CONNECTORS } from '#responder/connectors/connector.ts';
import { ConnectorService } from '#responder/realms/connector-service.ts';
import { ActionTrials } from '#responder/trial/action-trials.ts';
import { insertToken } from '#state/token-writer.ts';
import { UserReader } from '#state/user-reader.ts';
import { openVault } from '#vault/open-vault.ts';
import { addUser } from '../testbed/people.ts';
import { storedEvents } from '../testbed/stored-events.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | number | undefined>>;
  readonly text: string;
  // Tests look into answers of many shapes.
  readonly body: Record<string, unknown> & { readonly items?: readonly Record<string, unknown>[] };
}

export interface CallOptions {
  readonly token?: string | undefined;
  readonly body?: unknown;
  readonly form?: Readonly<Record<string, string>>;
  /** A body that says to be JSON, sent as it is. */
  readonly jsonText?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly address?: string;
}

/** The API on real storage, vault, policy and locks; nothing listens, requests are injected. */
export interface ApiBed extends AsyncDisposable {
  readonly services: Services;
  readonly storage: Storage;
  readonly folder: string;
  readonly metrics: Metrics;
  /** Live sessions that a gateway would hold; terminated ones leave the list. */
  readonly live: LiveSession[];
  /** Names whose failed logins were forgiven. */
  readonly forgiven: readonly string[];
  /** Wall clock of the services; add to it to let time pass. */
  readonly time: { nowMs: number };
  /** What the verifier of recordings says about the anchors. */
  readonly verified: { anchors: 'checked' | 'unavailable' };
  call(method: string, path: string, options?: CallOptions): Promise<Answer>;
  /** The same over the administrator's socket. */
  local(method: string, path: string, body?: unknown): Promise<Answer>;
  /** Creates a user with these roles and returns a token. */
  person(username: string, roles: readonly Role[], kind?: 'person' | 'service'): Promise<string>;
  /** Everything in the stream, once what was committed has arrived there. */
  events(): Promise<readonly EventRecord[]>;
}

export interface BedOptions {
  readonly http?: Partial<Parameters<typeof buildServer>[0]['http']>;
  readonly blockUsers?: readonly string[];
  readonly recovery?: Partial<RecoveryService>;
  readonly connectors?: Connectors;
}

export const quietLogger = createLogger('silent');

export async function createApiBed(options: BedOptions = {}): Promise<ApiBed> {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'portcullis-api-'));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const storage = stack.use(
    await startStorage({
      dataDir: folder,
      logger: quietLogger,
      onFailure: (error) => {
        throw error;
      },
    }),
  );
  const { state, stream } = storage;
  const time = { nowMs: Date.now() };
  const verified: ApiBed['verified'] = { anchors: 'checked' };
  const clock = (): number => time.nowMs;
  const vault = await openVault({ keyFile: join(folder, 'master.key'), createIfMissing: true });
  const live: LiveSession[] = [];
  const forgiven: string[] = [];
  const hub = stack.use(createControl({ logger: quietLogger }));
  hub.register(fakeGateway(live));
  const control = controlFromState(hub, () => locksInForce(state.reader, clock()));
  const policy = new PolicyCache({
    reader: state.reader,
    ssh: { allowUsers: [], blockUsers: options.blockUsers ?? [], environment: [] },
    clock,
  });
  const locks = createLockService({ state, stream, control, clock });
  const users = new UserReader(state.reader);
  const passwords = createPasswords({ cost: { memoryKiB: 8, passes: 1, lanes: 1 } });
  const signIn = createSignIn({
    users,
    passwords,
    guard: createLoginGuard(),
    secondFactors: createSecondFactors({ state, vault, clock }),
    facts: async () => (await policy.current()).facts,
  });
  const sources = new Sources({ state, clock });
  const services: Services = {
    state,
    stream,
    users,
    archive: {
      search: async (query) => (await all(storage)).filter((one) => isFound(one, query)).slice(-query.limit),
      countBySession: async ({ sessions, types }) => {
        const counted = (await all(storage)).filter(
          ({ session, type }) => sessions.includes(session ?? '') && types.includes(type),
        );
        return new Map(
          [...Map.groupBy(counted, ({ session }) => session ?? '')].map(([id, found]) => [id, found.length]),
        );
      },
      status: async () => ({ ready: true, detail: 'ready', position: 0 }),
    },
    detection: { status: async () => ({ position: 0, problem: null }) },
    logSources: {
      changed: () => sources.reload(),
      explain: async (request) =>
        explainLines(request, { types: SHIPPED, sources, zone: (localMs) => localMs, nowMs: clock() }),
      importHistory: (batch) =>
        importLines(batch, { types: SHIPPED, stream, zone: (localMs) => localMs, nowMs: clock() }),
    },
    intake: { status: async () => ({ listeners: [], problem: null, lastMessageMs: null }) },
    control,
    vault,
    passwords,
    signIn: { ...signIn, forgive: ({ username }) => forgiven.push(username) },
    webSessions: { idleMs: 30 * 60_000, lifetimeMs: 12 * 3_600_000 },
    policy,
    locks,
    offenses: new OffenseService({ state, stream, clock }),
    actions: { approve: async () => false, reject: async () => false },
    trials: new ActionTrials({
      state,
      control,
      locks,
      connectors: NO_CONNECTORS,
      mailer: null,
      limits: { breakGlassUsers: [], lockoutsPer10Minutes: 5, breakGlassAddresses: [], trustedProxies: [] },
      clock,
    }),
    connectors: new ConnectorService(options.connectors ?? NO_CONNECTORS, locks),
    recovery: { ...noRecovery, ...options.recovery },
    recordings: {
      openRaw: async (id) => Readable.from([`raw ${id}`]),
      exportAsciicast: async (id) => Readable.from([`{"version":2,"title":"${id}"}\n`]),
      verify: async (id) => ({
        id,
        intact: true,
        complete: true,
        signed: true,
        anchors: verified.anchors,
        frames: 1,
        bytes: 1,
        problem: null,
      }),
    },
    mail: {
      sendTest: async () => ({
        accepted: true,
        answer: '250 ok',
        steps: [{ name: 'message', ok: true, detail: '250 ok' }],
      }),
      look: async () => null,
    },
    doctor: { checks: async () => [{ name: 'test', status: 'ok', detail: 'fine', advice: null }] },
    clock,
  };
  const metrics = stack.use(startMetrics());
  const http: Config['http'] = {
    listen: [],
    tls: null,
    trustedProxies: [],
    publicUrl: null,
    jumpserverVersion: 4,
    ...options.http,
  };
  const shared = {
    services,
    http,
    logger: quietLogger,
    metrics,
    version: '0.0.0-test',
    tls: null,
    authenticator: stack.use(createAuthenticator(services, quietLogger)),
  };
  const network = await buildServer({ ...shared, door: 'network' });
  stack.defer(() => network.close());
  const admin = await buildServer({ ...shared, door: 'local' });
  stack.defer(() => admin.close());

  const owned = stack.move();
  return {
    services,
    storage,
    folder,
    metrics,
    live,
    forgiven,
    time,
    verified,
    call: (method, path, call = {}) => inject(network, method, path, call),
    local: (method, path, body) => inject(admin, method, path, { body }),
    async person(username, roles, kind = 'person') {
      const { secret, hash } = issueToken();
      await state.transact(async (tx) => {
        const userId = await addUser(tx, { username, kind, roles }, clock());
        await insertToken(tx, { id: newId(), userId, name: 'test', hash, expiresAt: null }, clock());
      });
      return secret.expose();
    },
    events: () => all(storage),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** As the archive finds, by the fields that the API asks for. */
function isFound(event: EventRecord, query: ArchiveQuery): boolean {
  const same = (wanted: string | undefined, is: string | undefined): boolean =>
    wanted === undefined || wanted.toLowerCase() === is?.toLowerCase();
  return (
    same(query.user, event.user) &&
    same(query.asset, event.asset) &&
    same(query.session, event.session) &&
    same(query.address, event.address) &&
    same(query.id, event.id) &&
    same(query.realm, event.realm) &&
    (query.types === undefined || query.types.includes(event.type)) &&
    event.time >= (query.sinceMs ?? -Infinity) &&
    event.time < (query.untilMs ?? Infinity)
  );
}

async function all({ relay, stream }: Storage): Promise<readonly EventRecord[]> {
  await relay.settled();
  return storedEvents(stream);
}

async function inject(
  app: FastifyInstance,
  method: string,
  path: string,
  { token, body, form, jsonText, headers = {}, address = '203.0.113.7' }: CallOptions,
): Promise<Answer> {
  const answer = await app.inject({
    method: method as 'GET',
    url: path,
    remoteAddress: address,
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(form === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
      ...(jsonText === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(jsonText === undefined ? {} : { payload: jsonText }),
    ...(body === undefined ? {} : { payload: body as object }),
    ...(form === undefined ? {} : { payload: new URLSearchParams(form).toString() }),
  });
  const isJson = String(answer.headers['content-type']).startsWith('application/json');
  return {
    status: answer.statusCode,
    headers: answer.headers,
    text: answer.payload,
    body: isJson ? (JSON.parse(answer.payload) as Answer['body']) : {},
  };
}

function fakeGateway(live: LiveSession[]): GatewayNode {
  const take = (concerns: (session: LiveSession) => boolean): readonly LiveSession[] => {
    const cut = live.filter(concerns);
    for (const one of cut) live.splice(live.indexOf(one), 1);
    return cut;
  };
  return {
    name: 'test',
    sessions: () => [...live],
    terminate: async ({ ids, username }) =>
      take((one) => (ids?.includes(one.id) ?? false) || one.username === username),
    applyLocks: async (locks) =>
      take((one) => locks.some((lock) => lock.targetKind === 'user' && lock.target === one.username)),
  };
}

const unused = (): Promise<never> => Promise.reject(new PortcullisError('E_UNSUPPORTED', 'not in this test'));
const noRecovery: RecoveryService = {
  start: unused,
  latest: async () => undefined,
  findLink: async (_link: Secret) => undefined,
  completeRecovery: unused,
  cancel: async () => false,
  resume: async () => undefined,
  approve: unused,
};

export function liveSession(id: string, username: string, userId: string): LiveSession {
  return {
    id,
    state: 'active',
    userId,
    username,
    groups: [],
    address: '198.51.100.9',
    port: 50_000,
    keyFingerprint: null,
    asset: 'web01',
    account: 'root',
    protocol: 'ssh',
    startedAt: Date.now(),
    channels: ['shell'],
  };
}
