import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { EventType } from '#contract/event-catalogue.ts';
import { makeEvent, type EventFields, type EventRecord } from '#contract/event.ts';
import type { GatewayNode } from '#control/control.ts';
import { createControl } from '#control/hub.ts';
import { startDetector, type Detector } from '#detector/detector.ts';
import { loadPlaybooks, loadRules } from '#detector/load-content.ts';
import type { RuleMode } from '#domain/detection/sigma-schema.ts';
import { newId } from '#lib/ids.ts';
import { createLogger } from '#lib/log.ts';
import type { Secret } from '#lib/secret.ts';
import { startStorage, type Storage } from '#main/storage/start.ts';
import { ActionService } from '#responder/actions/action-service.ts';
import { type Connectors, NO_CONNECTORS } from '#responder/connectors/connector.ts';
import { controlFromState } from '#main/control-from-state.ts';
import { locksInForce } from '#responder/locks/lock-row.ts';
import { createLockService, type LockService, type NewLock } from '#responder/locks/lock-service.ts';
import { createMailer } from '#responder/mail/mailer.ts';
import { OffenseService } from '#responder/offenses/offense-service.ts';
import { resumeRecoveries } from '#responder/recovery/go-on.ts';
import { createRecovery, type RecoveryService } from '#responder/recovery/recovery-service.ts';
import { startResponder } from '#responder/responder.ts';
import { ActionTrials } from '#responder/trial/action-trials.ts';
import { openVault } from '#vault/open-vault.ts';
import { startMailbox, type Mailbox } from '../testbed/mailbox.ts';
import { SessionsNode } from './sessions-node.ts';
import { addUser } from '../testbed/people.ts';
import { waitForEvent } from '../testbed/stored-events.ts';

export const SHIPPED_RULES = join(import.meta.dirname, '..', '..', 'content', 'rules');
const SHIPPED_PLAYBOOKS = join(import.meta.dirname, '..', '..', 'content', 'playbooks');

export interface LoopOptions {
  /** Kept over several beds, for restarts; a fresh one unless given. */
  readonly dataDir?: string;
  readonly mailPort?: number;
  readonly responders?: readonly string[];
  /** Of mails to the responders. */
  readonly language?: 'en' | 'zh';
  readonly ruleFolders?: readonly string[];
  readonly playbookFolders?: readonly string[];
  readonly breakGlassUsers?: readonly string[];
  readonly lockoutsPer10Minutes?: number;
  readonly breakGlassAddresses?: readonly string[];
  readonly trustedProxies?: readonly string[];
  /** By the name of a rule; stands above its file. */
  readonly modes?: Readonly<Record<string, RuleMode>>;
  readonly quietMs?: number;
  /** Added to the wall clock. */
  readonly clock?: () => number;
  readonly withoutResponder?: boolean;
  readonly mailsPerHour?: number;
  readonly secondPerson?: boolean;
  /** Ways to people of other realms. */
  readonly connectors?: Connectors;
  /** How often those who are disabled there are looked at. */
  readonly foreignLookMs?: number;
  /** Another gateway in the control plane. */
  readonly otherNode?: GatewayNode;
}

/** The loop without its gateway: real storage, real detector and responder, a real mail server. */
export interface LoopBed extends AsyncDisposable {
  readonly folder: string;
  readonly storage: Storage;
  readonly node: SessionsNode;
  readonly mailbox: Mailbox;
  readonly locks: LockService;
  readonly offenses: OffenseService;
  readonly actions: ActionService;
  readonly recovery: RecoveryService;
  /** Goes on with what a mail server or a crash interrupted. */
  resumeRecoveries(): Promise<void>;
  readonly trials: ActionTrials;
  readonly detector: Detector;
  publish(type: EventType, fields: EventFields): Promise<EventRecord>;
  /** So many refused commands, one after the other. */
  deny(user: string, times: number, fields?: EventFields): Promise<void>;
  /** Resolves with the first event in the stream that fits, old or new. */
  event(type: EventType, fits?: (event: EventRecord) => boolean): Promise<EventRecord>;
  /** Everything in the stream after all that was published was judged and its outcome relayed. */
  settled(): Promise<readonly EventRecord[]>;
  addUser(
    username: string,
    more?: { readonly email?: string | null; readonly roles?: readonly ('admin' | 'user')[] },
  ): Promise<string>;
}

/** A lock that a person has set, for reasons of their own. */
export const ON_LEAVE: NewLock = {
  targetKind: 'user',
  target: 'alice',
  mode: 'deny',
  reason: 'on leave',
  owner: 'carol',
  expiresAt: null,
};

export async function startLoop(options: LoopOptions = {}): Promise<LoopBed> {
  await using stack = new AsyncDisposableStack();
  const folder = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'portcullis-loop-')));
  if (options.dataDir === undefined) stack.defer(() => rm(folder, { recursive: true, force: true }));
  const logger = createLogger('silent');
  const clock = options.clock ?? Date.now;
  const storage = stack.use(
    await startStorage({
      dataDir: folder,
      logger,
      onFailure: (error) => {
        throw error;
      },
    }),
  );
  const { state, stream } = storage;
  const mailbox = stack.use(await startMailbox());
  const hub = stack.use(createControl({ logger, answerTimeoutMs: 300 }));
  const node = new SessionsNode();
  stack.use(hub.register(node));
  if (options.otherNode !== undefined) stack.use(hub.register(options.otherNode));
  const control = controlFromState(hub, () => locksInForce(state.reader, clock()));
  const locks = createLockService({ state, stream, control, clock });
  const mailer = createMailer({
    host: '127.0.0.1',
    port: options.mailPort ?? mailbox.port,
    security: 'none',
    user: null,
    password: null,
    from: 'Portcullis <portcullis@example.test>',
    responders: options.responders ?? ['security@example.test'],
    language: options.language ?? 'en',
    ca: null,
  });
  const vault = await openVault({ keyFile: join(folder, 'master.key'), createIfMissing: true });
  const recovery = createRecovery({
    state,
    stream,
    control,
    locks,
    mailer,
    publicUrl: 'http://127.0.0.1:8080',
    vault,
    linkLifetimeMs: 3_600_000,
    mailsPerHour: options.mailsPerHour ?? 100,
    secondPerson: options.secondPerson ?? false,
    hashPassword: (password: Secret) => Promise.resolve(`hash of ${password.expose()}`),
    clock,
  });
  const resumeRecovery = (): Promise<void> =>
    resumeRecoveries({
      state,
      control,
      mailer,
      publicUrl: 'http://127.0.0.1:8080',
      linkLifetimeMs: 3_600_000,
      clock,
    });
  const connectors = options.connectors ?? NO_CONNECTORS;
  const limits = {
    breakGlassUsers: options.breakGlassUsers ?? [],
    lockoutsPer10Minutes: options.lockoutsPer10Minutes ?? 5,
    breakGlassAddresses: options.breakGlassAddresses ?? [],
    trustedProxies: options.trustedProxies ?? [],
  };
  const stopping = new AbortController();
  const responder =
    options.withoutResponder === true
      ? null
      : startResponder({
          state,
          control,
          locks,
          connectors,
          mailer,
          recovery: { resume: resumeRecovery },
          limits,
          clock,
          logger,
          signal: stopping.signal,
          node: 'test',
          scanMs: 20,
          foreignLookMs: options.foreignLookMs ?? 100,
        });
  const detector = startDetector({
    state,
    stream,
    rules: await loadRules(options.ruleFolders ?? [SHIPPED_RULES], {
      modes: new Map(Object.entries(options.modes ?? {})),
    }),
    playbooks: await loadPlaybooks(options.playbookFolders ?? [await quickPlaybooks(folder)]),
    clock,
    logger,
    signal: stopping.signal,
    quietMs: options.quietMs ?? 86_400_000,
    onPlanned: () => responder?.wake(),
  });
  stack.defer(async () => {
    stopping.abort();
    await Promise.all([detector.done, responder?.done]);
  });
  const kept = stack.move();

  const publish: LoopBed['publish'] = async (type, fields) => {
    const now = clock();
    const event = makeEvent(type, newId(now), now, fields);
    await stream.publish([event]);
    return event;
  };
  return {
    folder,
    storage,
    node,
    mailbox,
    locks,
    offenses: new OffenseService({ state, stream, clock }),
    actions: new ActionService({ state, clock, onApproved: () => responder?.wake() }),
    recovery,
    resumeRecoveries: resumeRecovery,
    trials: new ActionTrials({ state, control, locks, connectors, mailer, limits, clock }),
    detector,
    publish,
    async deny(user, times, fields = {}) {
      for (let time = 0; time < times; time++)
        await publish('command.denied', {
          user,
          asset: 'web01',
          account: 'root',
          command: 'su -',
          address: '203.0.113.7',
          ...fields,
        });
    },
    event: (type, fits) => waitForEvent(storage.stream, type, fits),
    settled: () => settle(storage, detector),
    addUser: (username, more = {}) => {
      const email = more.email === undefined ? `${username}@example.test` : more.email;
      const user = {
        username,
        name: username,
        email,
        roles: more.roles ?? ['user'],
        passwordHash: 'old hash',
      };
      return state.transact((tx) => addUser(tx, user, clock()));
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

/** The shipped playbooks with a shorter look back, so that no test waits ten seconds. */
export async function quickPlaybooks(folder: string): Promise<string> {
  const target = join(folder, 'playbooks');
  await mkdir(target, { recursive: true });
  for (const name of await readdir(SHIPPED_PLAYBOOKS)) {
    const text = await readFile(join(SHIPPED_PLAYBOOKS, name), 'utf8');
    await writeFile(join(target, name), text.replace('verifyAfter: 10s', 'verifyAfter: 100ms'));
  }
  return target;
}

/** The same, but people are locked for eight hours, and that is all. */
export async function playbooksForAWhile(folder: string): Promise<string> {
  const playbooks = await quickPlaybooks(folder);
  await writeFile(
    join(playbooks, 'contain-user.yaml'),
    'name: contain-user\ntitle: For a while\nactions:\n  - {id: lock, action: lock, with: {expires: 8h}}\n',
  );
  return playbooks;
}

/**
 * Follows the stream until nothing more comes of what is in it: the detector has judged everything, the
 * outbox is empty, and no action is due.
 */
async function settle(storage: Storage, detector: Detector): Promise<readonly EventRecord[]> {
  const { state, stream, relay } = storage;
  const patience = AbortSignal.timeout(20_000);
  let position = 0;
  const events: EventRecord[] = [];
  for (;;) {
    await relay.settled();
    const head = await stream.head();
    while (position < head) {
      const page = await stream.read(position, 500, patience);
      events.push(...page.map((entry) => entry.event));
      position = page.at(-1)?.position ?? position;
    }
    const due = await state.reader
      .selectFrom('actions')
      .select('id')
      .where('state', 'in', ['planned', 'dispatched', 'contained', 'retrying'])
      .execute();
    if (due.length === 0 && detector.status().position >= head && (await stream.head()) === head)
      return events;
    if (patience.aborted)
      throw new Error(
        `not settled: ${due.length} actions, ${JSON.stringify(detector.status())}, head ${head}`,
      );
    // Looked at again after a breath: the machine has better things to do than to spin.
    await delay(10);
  }
}
