import { randomBytes } from 'node:crypto';
import type { ConnectorConfig } from '#config/config.ts';
import type { EventFields } from '#contract/event.ts';
import { Secret } from '#lib/secret.ts';
import type { Connector } from '#responder/connectors/connector.ts';
import type { ExchangeLimits } from '#responder/connectors/jumpserver/exchange.ts';
import { openJumpServer } from '#responder/connectors/jumpserver/open.ts';
import { type LoopBed, type LoopOptions, startLoop } from '../loop/loop-bed.ts';
import { addSession, addUser, type StandInSession, type StandInUser } from '../testbed/jumpserver/model.ts';
import { type StandIn, type StandInOptions, startJumpServer } from '../testbed/jumpserver/server.ts';

export const REALM = 'jumpserver-1';

/** Short enough that a test of a silent server takes no longer than it must. */
export const QUICK: ExchangeLimits = {
  connectTimeoutMs: 1_000,
  responseTimeoutMs: 400,
  totalTimeoutMs: 700,
  maxBytes: 1024 * 1024,
};

export interface BastionBed extends AsyncDisposable {
  readonly standIn: StandIn;
  readonly connector: Connector;
  /** The account that the connector acts as. */
  readonly robot: StandInUser;
  readonly alice: StandInUser;
  /** Another active administrator there. */
  readonly boss: StandInUser;
}

export interface BastionOptions extends StandInOptions {
  readonly robot?: Partial<StandInUser>;
  readonly config?: Partial<ConnectorConfig>;
  readonly limits?: ExchangeLimits;
  readonly secret?: string;
}

/** A JumpServer with alice in it, and a connector to it. */
export async function startBastion(options: BastionOptions = {}): Promise<BastionBed> {
  const standIn = await startJumpServer(options);
  const token = randomBytes(20).toString('hex');
  const robot = addUser(standIn.model, {
    username: 'portcullis',
    isSuperuser: true,
    token,
    ...options.robot,
  });
  const boss = addUser(standIn.model, { username: 'boss', isSuperuser: true });
  const alice = addUser(standIn.model, { username: 'alice', name: 'Alice Li' });
  const config: ConnectorConfig = {
    name: REALM,
    kind: 'jumpserver',
    url: standIn.url,
    caFile: null,
    dangerouslyAcceptAnyCertificate: false,
    credential: { kind: 'token', file: 'not read here' },
    version: 'auto',
    organisations: 'all',
    breakGlassUsers: [],
    ...options.config,
  };
  const connector = await openJumpServer(
    config,
    new Secret(options.secret ?? token),
    options.limits ?? QUICK,
  );
  return {
    standIn,
    connector,
    robot,
    alice,
    boss,
    async [Symbol.asyncDispose]() {
      connector.close();
      await standIn[Symbol.asyncDispose]();
    },
  };
}

export interface CompanionBed extends BastionBed {
  readonly loop: LoopBed;
  /** So many refused commands in a session there, as its log lines tell them. */
  denyThere(user: StandInUser, times: number, session: StandInSession, fields?: EventFields): Promise<void>;
  /** How the actions of the newest episode stand, by name. */
  actions(): Promise<Readonly<Record<string, ActionShown>>>;
}

export interface ActionShown {
  readonly state: string;
  readonly summary: string;
  readonly attempts: number;
  readonly plannedAt: number;
  readonly updatedAt: number;
  readonly before: unknown;
  readonly result: Readonly<Record<string, unknown>>;
}

/** Portcullis beside that JumpServer: the whole loop, with the connector as its hands. */
export async function startCompanion(
  options: BastionOptions & { readonly loop?: LoopOptions } = {},
): Promise<CompanionBed> {
  await using stack = new AsyncDisposableStack();
  const bastion = stack.use(await startBastion(options));
  const loop = stack.use(
    await startLoop({ ...options.loop, connectors: new Map([[REALM, bastion.connector]]) }),
  );
  const kept = stack.move();
  return {
    ...bastion,
    loop,
    denyThere: (user, times, session, fields = {}) =>
      loop.deny(user.username, times, {
        source: REALM,
        realm: REALM,
        session: session.id,
        data: { intake: { confirmed: true, transport: 'udp' } },
        ...fields,
      }),
    async actions() {
      const rows = await loop.storage.state.reader
        .selectFrom('actions')
        .selectAll()
        .orderBy('plannedAt')
        .orderBy('step')
        .execute();
      return Object.fromEntries(
        rows.map((row) => {
          const result = JSON.parse(row.result ?? '{}') as Readonly<Record<string, unknown>>;
          const name = row.playbook.endsWith(':approval') ? `${row.action}:approval` : row.action;
          return [
            row.action === 'mail' ? `mail:${row.target}` : name,
            {
              state: row.state,
              summary: typeof result['summary'] === 'string' ? result['summary'] : '',
              attempts: row.attempts,
              plannedAt: row.plannedAt,
              updatedAt: row.updatedAt,
              before: JSON.parse(row.before ?? 'null') as unknown,
              result,
            },
          ];
        }),
      );
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

export { addSession, addUser };
