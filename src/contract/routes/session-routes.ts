import { z } from 'zod';
import { Name } from '../names.ts';
import { EventView } from '../resources/event-view.ts';
import { Recording, RecordingVerification } from '../resources/recording.ts';
import { Containment, Session } from '../resources/session.ts';
import { EVERYBODY, Limit, Moment, READERS, RESPONDERS, defineRoute, listOf } from './route.ts';

const tag = 'sessions';
const params = z.strictObject({ id: z.uuid() });
const reason = z.string().max(500).default('');

export const SESSION_ROUTES = {
  listSessions: defineRoute({
    method: 'GET',
    path: '/v1/sessions',
    tag,
    summary: 'Sessions, newest first. With the role user alone: one’s own.',
    callers: EVERYBODY,
    query: z.strictObject({
      user: Name.optional(),
      asset: Name.optional(),
      state: z.enum(['live', 'ended', 'all']).default('all'),
      since: Moment.optional(),
      until: Moment.optional(),
      limit: Limit,
    }),
    response: listOf(Session),
  }),
  getSession: defineRoute({
    method: 'GET',
    path: '/v1/sessions/:id',
    tag,
    summary: 'One session. With the role user alone: one’s own.',
    callers: EVERYBODY,
    params,
    response: Session,
  }),
  killSession: defineRoute({
    method: 'POST',
    path: '/v1/sessions/:id/kill',
    tag,
    summary: 'End a live session. Answers when it is gone.',
    callers: RESPONDERS,
    params,
    body: z.strictObject({ reason }),
    response: Containment,
  }),
  killSessions: defineRoute({
    method: 'POST',
    path: '/v1/sessions/kill',
    tag,
    summary: 'End every live session of a user. Answers when they are gone.',
    callers: RESPONDERS,
    body: z.strictObject({ user: Name, reason }),
    response: Containment,
  }),
  listRecordings: defineRoute({
    method: 'GET',
    path: '/v1/sessions/:id/recordings',
    tag: 'recordings',
    summary: 'Recordings of a session, oldest first.',
    callers: READERS,
    params,
    response: listOf(Recording),
  }),
  downloadRecording: defineRoute({
    method: 'GET',
    path: '/v1/recordings/:id/data',
    tag: 'recordings',
    summary: 'The recording as it is stored, encrypted and signed.',
    callers: READERS,
    params,
    stream: 'application/octet-stream',
  }),
  exportRecording: defineRoute({
    method: 'GET',
    path: '/v1/recordings/:id/asciicast',
    tag: 'recordings',
    summary: 'The recording as asciicast. That it was read is an event.',
    callers: READERS,
    params,
    query: z.strictObject({
      version: z.enum(['2', '3']).default('2'),
      input: z.enum(['true', 'false']).default('true'),
    }),
    stream: 'application/x-asciicast',
  }),
  verifyRecording: defineRoute({
    method: 'POST',
    path: '/v1/recordings/:id/verify',
    tag: 'recordings',
    summary: 'Check checksums, hash chain, signature and anchor of a recording.',
    callers: READERS,
    params,
    response: RecordingVerification,
  }),
  searchEvents: defineRoute({
    method: 'GET',
    path: '/v1/events',
    tag: 'events',
    summary: 'Search every event, newest first.',
    callers: READERS,
    query: z.strictObject({
      text: z.string().max(500).optional(),
      user: z.string().max(128).optional(),
      type: z
        .string()
        .regex(/^[a-z0-9_.]+(\.\*)?$/, 'must be an event type, or a prefix such as command.*')
        .max(64)
        .optional(),
      session: z.string().max(64).optional(),
      asset: z.string().max(128).optional(),
      address: z.string().max(64).optional(),
      since: Moment.optional(),
      until: Moment.optional(),
      limit: Limit,
    }),
    response: listOf(EventView),
  }),
} as const;
