import { PortcullisError } from '#contract/errors.ts';
import { nameKey } from '#contract/names.ts';
import type { Recording } from '#contract/resources/recording.ts';
import type { Containment, Session } from '#contract/resources/session.ts';
import type { SESSION_ROUTES } from '#contract/routes/session-routes.ts';
import type { Acknowledgement, LiveSession } from '#control/control.ts';
import type { RecordingRow, SessionRow } from '#state/schema.ts';
import { findRecording, findSession, readRecordings, readSessions } from '#state/session-reader.ts';
import { isReader, type Caller } from '../access/caller.ts';
import { notFound } from '../http/error-answers.ts';
import type { Handlers } from '../http/register-routes.ts';
import { publishRecordingRead } from '../recording-read.ts';
import type { Services } from '../services.ts';

export function sessionHandlers(services: Services): Handlers<typeof SESSION_ROUTES> {
  const { state, control, recordings } = services;

  const find = async (id: string, caller: Caller): Promise<Session> => {
    const live = (await control.sessions()).find((one) => one.id === id);
    const row = await findSession(state.reader, id);
    const owner = row?.userId ?? live?.userId;
    if (owner === undefined || !(isReader(caller) || owner === caller.userId)) throw notFound();
    return row === undefined ? fromLive(live) : fromRow(row, live);
  };
  const recording = async (id: string): Promise<RecordingRow> => {
    const row = await findRecording(state.reader, id);
    if (row === undefined) throw notFound();
    return row;
  };
  /** Cut, then list again: only an empty list is a containment. */
  const contain = async (
    acknowledged: Acknowledgement,
    concerns: (session: LiveSession) => boolean,
  ): Promise<Containment> => {
    const left = (await control.sessions()).filter(concerns);
    const isContained = acknowledged.unconfirmed.length === 0 && left.length === 0;
    return {
      state: isContained ? 'contained' : 'unconfirmed',
      cut: acknowledged.cut.map((one) => one.id),
      unconfirmed: [...acknowledged.unconfirmed],
    };
  };

  return {
    listSessions: async ({ caller, query }) => {
      const userId = await ownerFilter(services, caller, query.user);
      const live = (await control.sessions()).filter((one) => userId === undefined || one.userId === userId);
      const byId = new Map(live.map((one) => [one.id, one]));
      const rows = await readSessions(state.reader, {
        userId,
        asset: query.asset,
        ended: query.state === 'all' ? undefined : query.state === 'ended',
        sinceMs: query.since,
        untilMs: query.until,
        limit: query.limit,
      });
      const stored = new Set(rows.map((row) => row.id));
      const notStored = query.state === 'ended' || query.asset !== undefined ? [] : live;
      const items = [
        ...notStored
          .filter((one) => !stored.has(one.id) && one.asset === null)
          .filter((one) => one.startedAt >= (query.since ?? 0) && one.startedAt < (query.until ?? Infinity))
          .map(fromLive),
        ...rows.map((row) => fromRow(row, byId.get(row.id))),
      ].sort((a, b) => b.startedAt - a.startedAt);
      return { items: items.slice(0, query.limit) };
    },
    getSession: ({ caller, params }) => find(params.id, caller),
    killSession: async ({ caller, params, body }) => {
      const session = await find(params.id, caller);
      if (session.state === 'ended')
        throw new PortcullisError('E_CONFLICT', 'The session has ended already.');
      const done = await control.terminate({ ids: [params.id], by: caller.name, reason: body.reason });
      return contain(done, (one) => one.id === params.id);
    },
    killSessions: async ({ caller, body }) => {
      const user = await services.users.find(body.user);
      if (user === undefined) throw notFound();
      const done = await control.terminate({ username: user.username, by: caller.name, reason: body.reason });
      return contain(done, (one) => nameKey(one.username) === nameKey(user.username));
    },
    listRecordings: async ({ caller, params }) => {
      await find(params.id, caller);
      return { items: (await readRecordings(state.reader, params.id)).map(recordingView) };
    },
    downloadRecording: async ({ caller, params }) => {
      const row = await recording(params.id);
      await publishRecordingRead(services, caller, row, 'download');
      return { stream: await recordings.openRaw(row.id), fileName: `${row.id}.recording` };
    },
    exportRecording: async ({ caller, params, query }) => {
      const row = await recording(params.id);
      if (row.sealedKey === null)
        throw new PortcullisError('E_NOT_FOUND', 'This recording was erased: its key is gone.');
      await publishRecordingRead(services, caller, row, 'asciicast');
      const stream = await recordings.exportAsciicast(row.id, {
        version: query.version === '3' ? 3 : 2,
        input: query.input === 'true',
      });
      return { stream, fileName: `${row.id}.cast` };
    },
    verifyRecording: async ({ params }) => recordings.verify((await recording(params.id)).id),
    searchEvents: async ({ query, signal }) => {
      const { since, until, ...rest } = query;
      const found = await services.archive.search(
        {
          limit: rest.limit,
          ...(rest.text === undefined ? {} : { text: rest.text }),
          ...(rest.user === undefined ? {} : { user: rest.user }),
          // The passing of time is an event like every other, and in the way of everybody who looks for one.
          ...(rest.type === undefined ? { exceptTypes: ['tick'] } : { type: rest.type }),
          ...(rest.session === undefined ? {} : { session: rest.session }),
          ...(rest.asset === undefined ? {} : { asset: rest.asset }),
          ...(rest.address === undefined ? {} : { address: rest.address }),
          ...(since === undefined ? {} : { sinceMs: since }),
          ...(until === undefined ? {} : { untilMs: until }),
        },
        signal,
      );
      return { items: [...found] };
    },
  };
}

/** Whose sessions to list: undefined is everybody's. Who is no reader sees only their own. */
async function ownerFilter(
  services: Services,
  caller: Caller,
  username: string | undefined,
): Promise<string | undefined> {
  if (!isReader(caller)) {
    const own = username === undefined || nameKey(username) === nameKey(caller.name);
    return own ? (caller.userId ?? '') : '';
  }
  if (username === undefined) return undefined;
  const user = await services.users.find(username);
  if (user !== undefined) return user.id;
  // Sessions outlive their user.
  const row = await services.state.reader
    .selectFrom('sessions')
    .select('userId')
    .where('username', '=', username)
    .orderBy('startedAt', 'desc')
    .executeTakeFirst();
  return row?.userId ?? '';
}

function fromRow(row: SessionRow, live: LiveSession | undefined): Session {
  return {
    id: row.id,
    username: row.username,
    asset: row.asset,
    account: row.account,
    protocol: row.protocol,
    address: row.address,
    port: row.port,
    clientSoftware: row.clientSoftware,
    grant: row.grantName,
    state: row.endedAt === null ? (live?.state ?? 'active') : 'ended',
    channels: [...(live?.channels ?? [])],
    startedAt: row.startedAt,
    endedAt: row.endedAt,
    endReason: row.endReason,
  };
}

function fromLive(live: LiveSession | undefined): Session {
  if (live === undefined) throw notFound();
  return {
    id: live.id,
    username: live.username,
    asset: live.asset,
    account: live.account,
    protocol: live.protocol,
    address: live.address,
    port: live.port,
    clientSoftware: null,
    grant: null,
    state: live.state,
    channels: [...live.channels],
    startedAt: live.startedAt,
    endedAt: null,
    endReason: null,
  };
}

function recordingView(row: RecordingRow): Recording {
  return {
    id: row.id,
    sessionId: row.sessionId,
    channelId: row.channelId,
    kind: row.kind,
    state: row.state,
    startedAt: row.startedAt,
    endedAt: row.endedAt,
    bytes: row.bytes,
    erased: row.sealedKey === null,
  };
}
