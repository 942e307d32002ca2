import type { DIALECT_AUDIT_ROUTES } from '#contract/jumpserver/audit-routes.ts';
import type { Services } from '../services.ts';
import type { DialectHandlers } from './handlers.ts';
import { listLoginLogs, listOperateLogs, listPasswordChangeLogs, showOperateLog } from './log-views.ts';
import { listUserSessions, signOut } from './user-sessions.ts';
import { spanOf } from './span.ts';

export function auditHandlers(services: Services): DialectHandlers<typeof DIALECT_AUDIT_ROUTES> {
  return {
    listLoginLogs: ({ query, manner, signal }) =>
      listLoginLogs(services, query, spanOf(query), manner, signal),
    // A failed login has a name that was typed, and a name is no proof: only logins that succeeded are one's own.
    listOwnLoginLogs: ({ caller, query, manner, signal }) =>
      listLoginLogs(services, query, { ...spanOf(query), user: caller.name }, manner, signal),
    listOperateLogs: ({ query, manner, signal }) =>
      listOperateLogs(services, query, spanOf(query), manner, signal),
    getOperateLog: ({ params, query, manner, signal }) =>
      showOperateLog(services, params.id, query.type === 'action_detail', manner, signal),
    listFtpLogs: async () => [],
    listUserSessions: ({ caller, query, manner }) => listUserSessions(services, caller, query, manner),
    endUserSessions: async ({ caller, body }) => {
      await signOut(services, caller, body.ids);
      return {};
    },
    listPasswordChangeLogs: ({ query, manner, signal }) =>
      listPasswordChangeLogs(services, query, spanOf(query), manner, signal),
  };
}
