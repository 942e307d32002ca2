import type { Insertable } from 'kysely';
import { makeEvent } from '#contract/event.ts';
import type { Recovery } from '#contract/resources/recovery.ts';
import { newId } from '#lib/ids.ts';
import type { StateTables } from '#state/schema.ts';
import { type Answer, type ApiBed, type BedOptions, createApiBed, liveSession } from '../api/api-bed.ts';
import { ROWS } from '../state/rows.ts';

/** An administrator, two people, an asset, a session that is open and one that has ended, and what happened in them. */
export interface ContractBed extends AsyncDisposable {
  readonly bed: ApiBed;
  /** The token of `alice`, who is no administrator. */
  readonly person: string;
  readonly admin: string;
  /** Ids of users by name. */
  readonly ids: Readonly<Record<string, string>>;
  readonly sessionId: string;
  readonly endedId: string;
  /** A call below `/api/v1`, as `root` unless said. */
  call(method: string, path: string, body?: unknown, token?: string): Promise<Answer>;
}

/** The entries of a list that is a bare array. */
export function items(answer: Answer): Record<string, unknown>[] {
  if (!Array.isArray(answer.body)) throw new Error(`no list: ${answer.status} ${answer.text}`);
  return answer.body;
}

/** Somebody signed in on the web a moment ago. */
export function openWebSession(userId: string, nowMs: number): Insertable<StateTables['web_sessions']> {
  const id = newId();
  const times = { createdAt: nowMs, expiresAt: nowMs + 60_000 };
  return { ...ROWS.web_sessions, ...times, id, userId, hash: `hash of ${id}`, address: '203.0.113.7' };
}

/** What a recovery that began a moment ago answers. */
export function startedRecovery(username: string, requestedBy: string): Recovery {
  return {
    id: newId(),
    username,
    state: 'started',
    mailAddress: `${username}@example.test`,
    requestedBy,
    createdAt: 1,
    updatedAt: 1,
    completedAt: null,
    steps: [],
  };
}

export async function createContractBed(options: BedOptions = {}): Promise<ContractBed> {
  await using stack = new AsyncDisposableStack();
  const bed = stack.use(await createApiBed(options));
  const ids: Record<string, string> = {};
  const sessionId = newId();
  const endedId = newId();
  const admin = await bed.person('root', ['admin']);
  const person = await bed.person('alice', ['user']);
  await bed.person('carol', ['user']);
  for (const one of await bed.storage.state.reader.selectFrom('users').select(['id', 'username']).execute())
    ids[one.username] = one.id;
  await bed.local('POST', '/v1/apply', {
    users: [{ username: 'alice', name: 'Alice Li', email: 'alice@example.test' }],
    groups: [{ name: 'developers', users: ['alice'] }],
    assets: [{ name: 'web01', address: '10.0.0.5', accounts: [{ username: 'root', password: 'x' }] }],
  });
  const row = {
    ...ROWS.sessions,
    userId: ids['alice'] ?? '',
    username: 'alice',
    address: '198.51.100.9',
    node: 'gateway-1',
    startedAt: bed.time.nowMs - 60_000,
  };
  await bed.storage.state.transact(async (tx) => {
    await tx
      .insertInto('sessions')
      .values({ ...row, id: sessionId })
      .execute();
    await tx
      .insertInto('sessions')
      .values({
        ...row,
        id: endedId,
        startedAt: row.startedAt - 60_000,
        endedAt: row.startedAt,
        endReason: 'client',
      })
      .execute();
  });
  bed.live.push({ ...liveSession(sessionId, 'alice', ids['alice'] ?? ''), asset: 'web01' });
  const about = {
    user: 'alice',
    address: '198.51.100.9',
    asset: 'web01',
    account: 'root',
    session: sessionId,
  };
  await bed.storage.stream.publish([
    makeEvent('command.denied', newId(), bed.time.nowMs, {
      ...about,
      command: 'su -',
      data: { matched: 'su' },
    }),
    makeEvent('command.allowed', newId(), bed.time.nowMs, { ...about, command: 'ls' }),
    makeEvent('login.failed', newId(), bed.time.nowMs, {
      channel: 'ssh',
      address: '203.0.113.9',
      data: {
        typedName: 'alice',
        method: 'password',
        reason: 'wrong_password',
        clientSoftware: 'SSH-2.0-x',
      },
    }),
  ]);

  const owned = stack.move();
  return {
    bed,
    person,
    admin,
    ids,
    sessionId,
    endedId,
    call: (method, path, body, token = admin) =>
      bed.call(method, `/api/v1${path}`, { body, headers: { authorization: `Token ${token}` } }),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
