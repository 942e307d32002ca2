import { nameKey } from '#contract/names.ts';
import type { RecordingRow, SessionRow } from './schema.ts';
import type { StateReader } from './state.ts';

export interface SessionFilter {
  readonly userId?: string | undefined;
  readonly asset?: string | undefined;
  readonly ended?: boolean | undefined;
  readonly sinceMs?: number | undefined;
  readonly untilMs?: number | undefined;
  readonly limit: number;
}

/** Sessions on assets, newest first. */
export async function readSessions(db: StateReader, filter: SessionFilter): Promise<readonly SessionRow[]> {
  let query = db.selectFrom('sessions').selectAll().orderBy('startedAt', 'desc').orderBy('id', 'desc');
  const { userId, asset, ended, sinceMs, untilMs } = filter;
  if (userId !== undefined) query = query.where('userId', '=', userId);
  if (asset !== undefined)
    query = query.where((eb) => eb(eb.fn<string>('lower', ['asset']), '=', nameKey(asset)));
  if (ended !== undefined) query = query.where('endedAt', ended ? 'is not' : 'is', null);
  if (sinceMs !== undefined) query = query.where('startedAt', '>=', sinceMs);
  if (untilMs !== undefined) query = query.where('startedAt', '<', untilMs);
  return query.limit(filter.limit).execute();
}

export async function findSession(db: StateReader, id: string): Promise<SessionRow | undefined> {
  return db.selectFrom('sessions').selectAll().where('id', '=', id).executeTakeFirst();
}

/** Recordings of a session, oldest first. */
export async function readRecordings(db: StateReader, sessionId: string): Promise<readonly RecordingRow[]> {
  return db
    .selectFrom('recordings')
    .selectAll()
    .where('sessionId', '=', sessionId)
    .orderBy('startedAt')
    .orderBy('id')
    .execute();
}

export async function findRecording(db: StateReader, id: string): Promise<RecordingRow | undefined> {
  return db.selectFrom('recordings').selectAll().where('id', '=', id).executeTakeFirst();
}
