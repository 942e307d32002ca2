import { COMMAND_TYPES } from '#contract/jumpserver/command.ts';
import type { Manner } from '#contract/jumpserver/manner.ts';
import { orderItems } from '#contract/jumpserver/filters.ts';
import {
  type JumpServerSession,
  jumpServerSession,
  passesSessionFilter,
  type SessionFilter,
} from '#contract/jumpserver/session.ts';
import { nameKey } from '#contract/names.ts';
import type { Lock } from '#contract/resources/lock.ts';
import type { RecordingRow, SessionRow } from '#state/schema.ts';
import { findSession, readSessions } from '#state/session-reader.ts';
import { isLockInForce, lockMatches } from '#domain/access/locks.ts';
import { type Caller, isReader, mayRespond } from '../access/caller.ts';
import { notFound } from '../http/error-answers.ts';
import type { Services } from '../services.ts';
import type { Listing } from './handlers.ts';
import type { Span } from './search.ts';

type Parts = Pick<Services, 'state' | 'clock' | 'locks' | 'archive'>;

/** More sessions than this are not looked through; the newest are. */
const MOST_SESSIONS = 10_000;

/** The span is the time in which sessions began. */
export interface SessionQuery extends Span {
  readonly filter: SessionFilter;
  /** Only sessions of this user. */
  readonly ownerId?: string | undefined;
}

/** Sessions on assets, newest first. Whoever is still in the menu has none. */
export async function listSessions(
  parts: Parts,
  caller: Caller,
  { filter, sinceMs, untilMs, ownerId }: SessionQuery,
  manner: Manner,
): Promise<Listing<JumpServerSession>> {
  const rows = await readSessions(parts.state.reader, {
    userId: ownerId ?? filter.user_id?.toLowerCase(),
    ended: filter.is_finished,
    sinceMs,
    untilMs,
    limit: MOST_SESSIONS,
  });
  const shown = await showSessions(parts, caller, rows, manner);
  const found = orderItems(
    shown.filter((session) => passesSessionFilter(session, filter)),
    filter.order,
  );
  const startedAt = new Map(rows.map((row) => [row.id, row.startedAt]));
  return {
    count: found.length,
    part: (offset, limit) =>
      countCommands(parts, found.slice(offset, offset + limit), (id) => startedAt.get(id) ?? 0),
  };
}

/** Throws E_NOT_FOUND. */
export async function showSession(
  parts: Parts,
  caller: Caller,
  id: string,
  manner: Manner,
): Promise<JumpServerSession> {
  const row = await findSession(parts.state.reader, id.toLowerCase());
  if (row === undefined) throw notFound();
  const [shown] = await countCommands(
    parts,
    await showSessions(parts, caller, [row], manner),
    () => row.startedAt,
  );
  if (shown === undefined) throw notFound();
  return shown;
}

async function showSessions(
  { state, clock, locks }: Parts,
  caller: Caller,
  rows: readonly SessionRow[],
  manner: Manner,
): Promise<readonly JumpServerSession[]> {
  if (rows.length === 0) return [];
  const db = state.reader;
  const [users, assets, accounts, recordings, inForce] = await Promise.all([
    db.selectFrom('users').select(['id', 'name']).execute(),
    db.selectFrom('assets').select(['id', 'nameKey', 'address']).execute(),
    db.selectFrom('accounts').select(['id', 'assetId', 'username']).execute(),
    readRecordingsOf(
      db,
      rows.map((row) => row.id),
    ),
    locks.inForce(),
  ]);
  const names = new Map(users.map((row) => [row.id, row.name]));
  const assetOf = new Map(assets.map((row) => [row.nameKey, row]));
  const accountOf = new Map(accounts.map((row) => [`${row.assetId} ${nameKey(row.username)}`, row.id]));
  const recordingsOf = Map.groupBy(recordings, (row) => row.sessionId);
  const nowMs = clock();
  return rows.map((row) => {
    const asset = assetOf.get(nameKey(row.asset));
    return jumpServerSession(
      {
        id: row.id,
        user: { id: row.userId, username: row.username, name: names.get(row.userId) ?? '' },
        asset: { id: asset?.id ?? '', name: row.asset, address: asset?.address ?? '' },
        account: {
          id: accountOf.get(`${asset?.id ?? ''} ${nameKey(row.account)}`) ?? '',
          username: row.account,
        },
        protocol: row.protocol,
        address: row.address,
        node: row.node,
        startedAt: row.startedAt,
        endedAt: row.endedAt,
        isLocked: row.endedAt === null && inForce.some((lock) => freezes(lock, row, nowMs)),
        recordings: recordingsOf.get(row.id) ?? [],
        commands: 0,
        mayTerminate: mayRespond(caller),
        mayReplay: isReader(caller),
      },
      manner,
      nowMs,
    );
  });
}

/** Counting must not keep whoever contains a person waiting for an archive that is away. */
const COUNT_WITHIN_MS = 1_000;
const SESSIONS_AT_ONCE = 1_000;

/** Fills in how many commands there were; none when the archive does not answer in time. */
async function countCommands(
  { archive }: Parts,
  sessions: readonly JumpServerSession[],
  startedAtOf: (id: string) => number,
): Promise<JumpServerSession[]> {
  const signal = AbortSignal.timeout(COUNT_WITHIN_MS);
  const counts = new Map<string, number>();
  for (let at = 0; at < sessions.length; at += SESSIONS_AT_ONCE) {
    const ids = sessions.slice(at, at + SESSIONS_AT_ONCE).map((one) => one.id);
    const sinceMs = Math.min(...ids.map(startedAtOf));
    const counted = await archive
      .countBySession({ sessions: ids, types: COMMAND_TYPES, sinceMs }, signal)
      .catch(() => new Map<string, number>());
    for (const [id, count] of counted) counts.set(id, count);
  }
  return sessions.map((session) => {
    const amount = counts.get(session.id) ?? 0;
    return { ...session, command_amount: amount, has_command: amount > 0 };
  });
}

/** What a lock of a group or of a key concerns, the row of a session does not say. */
function freezes(lock: Lock, row: SessionRow, nowMs: number): boolean {
  if (lock.mode !== 'freeze' || !isLockInForce(lock, nowMs)) return false;
  const { username, address, asset, account, id } = row;
  return lockMatches(lock, {
    username,
    groups: [],
    address,
    keyFingerprint: null,
    asset,
    account,
    session: id,
  });
}

const IDS_AT_ONCE = 500;

async function readRecordingsOf(
  db: Services['state']['reader'],
  sessionIds: readonly string[],
): Promise<readonly RecordingRow[]> {
  const rows: RecordingRow[] = [];
  for (let at = 0; at < sessionIds.length; at += IDS_AT_ONCE)
    rows.push(
      ...(await db
        .selectFrom('recordings')
        .selectAll()
        .where('sessionId', 'in', sessionIds.slice(at, at + IDS_AT_ONCE))
        .execute()),
    );
  return rows;
}
