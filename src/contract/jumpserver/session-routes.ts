import { z } from 'zod';
import { defineRoute, EVERYBODY, READERS, RESPONDERS } from '../routes/route.ts';
import { CommandFilter, JumpServerCommand, JumpServerCommandStorage } from './command.ts';
import { Between } from './filters.ts';
import { JumpServerSession, KillSessionBody, SessionFilter, TasksAnswer, ToggleLockBody } from './session.ts';

const tag = 'terminal';
const query = SessionFilter.extend(Between.shape);

export const DIALECT_SESSION_ROUTES = {
  listSessions: defineRoute({
    method: 'GET',
    path: '/api/v1/terminal/sessions/',
    tag,
    summary: 'Sessions on assets, newest first.',
    callers: READERS,
    query,
    response: z.array(JumpServerSession),
  }),
  listOwnSessions: defineRoute({
    method: 'GET',
    path: '/api/v1/terminal/my-sessions/',
    tag,
    summary: 'One’s own sessions, newest first.',
    callers: EVERYBODY,
    query,
    response: z.array(JumpServerSession),
  }),
  getSession: defineRoute({
    method: 'GET',
    path: '/api/v1/terminal/sessions/:id/',
    tag,
    summary: 'One session.',
    callers: READERS,
    params: z.object({ id: z.guid() }),
    response: JumpServerSession,
  }),
  killSessions: defineRoute({
    method: 'POST',
    path: '/api/v1/terminal/tasks/kill-session/',
    tag,
    summary: 'End sessions: a list of ids, or an object whose names are the ids. Answers when they are gone.',
    callers: RESPONDERS,
    body: KillSessionBody,
    response: TasksAnswer,
  }),
  toggleLockSession: defineRoute({
    method: 'POST',
    path: '/api/v1/terminal/tasks/toggle-lock-session/',
    tag,
    summary: 'Hold back what is typed in a session, let it go again, or end the session.',
    callers: RESPONDERS,
    body: ToggleLockBody,
    response: TasksAnswer,
  }),
  listCommands: defineRoute({
    method: 'GET',
    path: '/api/v1/terminal/commands/',
    tag,
    summary: 'Commands, newest first.',
    callers: READERS,
    query: CommandFilter.extend(Between.shape),
    response: z.array(JumpServerCommand),
  }),
  listCommandStorages: defineRoute({
    method: 'GET',
    path: '/api/v1/terminal/command-storages/',
    tag,
    summary: 'Where commands are stored: one place.',
    callers: READERS,
    response: z.array(JumpServerCommandStorage),
  }),
} as const;
