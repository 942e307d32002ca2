import type { DIALECT_AUDIT_ROUTES } from '#contract/jumpserver/audit-routes.ts';
import type { Services } from '../services.ts';
import type { DialectHandlers } from './handlers.ts';
import { listLogs, LOGIN_LOG, OPERATE_LOG, PASSWORD_CHANGE_LOG, showOperateLog } from './log-views.ts';
import { listUserSessions, signOut } from './user-sessions.ts';

export function auditHandlers(services: Services): DialectHandlers<typeof DIALECT_AUDIT_ROUTES> {
  return {
    listLoginLogs: (call) => listLogs(services, LOGIN_LOG, call, addressIn(call.query)),
    // A failed login has a name that was typed, and a name is no proof: only logins that succeeded are one's own.
    listOwnLoginLogs: (call) =>
      listLogs(services, LOGIN_LOG, call, { ...addressIn(call.query), user: call.caller.name }),
    listOperateLogs: (call) => listLogs(services, OPERATE_LOG, call),
    getOperateLog: ({ params, query, manner, signal }) =>
      showOperateLog(services, params.id, query.type === 'action_detail', manner, signal),
    listFtpLogs: async () => [],
    listUserSessions: ({ caller, query, manner }) => listUserSessions(services, caller, query, manner),
    endUserSessions: async ({ caller, body }) => {
      await signOut(services, caller, body.ids);
      return {};
    },
    listPasswordChangeLogs: (call) => listLogs(services, PASSWORD_CHANGE_LOG, call),
  };
}

function addressIn({ ip }: { readonly ip?: string | undefined }): { readonly address?: string } {
  return ip === undefined ? {} : { address: ip };
}
