import { z } from 'zod';
import { defineRoute, EVERYBODY, READERS, RESPONDERS } from '../routes/route.ts';
import { Between } from './filters.ts';
import { JumpServerFtpLog } from './ftp-log.ts';
import { JumpServerLoginLog, LoginLogFilter } from './login-log.ts';
import { JumpServerOperateLog, OperateDiff, OperateLogFilter } from './operate-log.ts';
import { JumpServerUserSession, OfflineBody, UserSessionFilter } from './user-session.ts';
import { JumpServerPasswordChangeLog, PasswordChangeLogFilter } from './password-change-log.ts';

const tag = 'audits';

export const DIALECT_AUDIT_ROUTES = {
  listLoginLogs: defineRoute({
    method: 'GET',
    path: '/api/v1/audits/login-logs/',
    tag,
    summary: 'Logins and refused logins over SSH, web and API, newest first.',
    callers: READERS,
    query: LoginLogFilter.extend(Between.shape),
    response: z.array(JumpServerLoginLog),
  }),
  listOwnLoginLogs: defineRoute({
    method: 'GET',
    path: '/api/v1/audits/my-login-logs/',
    tag,
    summary: 'One’s own logins, newest first.',
    callers: EVERYBODY,
    query: LoginLogFilter.extend(Between.shape),
    response: z.array(JumpServerLoginLog),
  }),
  listOperateLogs: defineRoute({
    method: 'GET',
    path: '/api/v1/audits/operate-logs/',
    tag,
    summary: 'Who changed what, newest first.',
    callers: READERS,
    query: OperateLogFilter.extend(Between.shape),
    response: z.array(JumpServerOperateLog),
  }),
  getOperateLog: defineRoute({
    method: 'GET',
    path: '/api/v1/audits/operate-logs/:id/',
    tag,
    summary: 'One change; with `type=action_detail` what it changed.',
    callers: READERS,
    params: z.object({ id: z.guid() }),
    query: z.object({ type: z.string().optional() }),
    response: z.union([JumpServerOperateLog, OperateDiff]),
  }),
  listFtpLogs: defineRoute({
    method: 'GET',
    path: '/api/v1/audits/ftp-logs/',
    tag,
    summary: 'File transfers: none, as long as the gateway transfers no files.',
    callers: READERS,
    query: z.object({}),
    response: z.array(JumpServerFtpLog),
  }),
  listUserSessions: defineRoute({
    method: 'GET',
    path: '/api/v1/audits/user-sessions/',
    tag,
    summary: 'Who is signed in on the web, newest first.',
    callers: READERS,
    query: UserSessionFilter,
    response: z.array(JumpServerUserSession),
  }),
  endUserSessions: defineRoute({
    method: 'POST',
    path: '/api/v1/audits/user-sessions/offline/',
    tag,
    summary: 'Sign people out of the web.',
    callers: RESPONDERS,
    body: OfflineBody,
    response: z.object({}),
  }),
  listPasswordChangeLogs: defineRoute({
    method: 'GET',
    path: '/api/v1/audits/password-change-logs/',
    tag,
    summary: 'Changed passwords and public keys, newest first.',
    callers: READERS,
    query: PasswordChangeLogFilter.extend(Between.shape),
    response: z.array(JumpServerPasswordChangeLog),
  }),
} as const;
