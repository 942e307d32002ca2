import { COMMAND_STORAGE } from '#contract/jumpserver/command.ts';
import type { DIALECT_SESSION_ROUTES } from '#contract/jumpserver/session-routes.ts';
import type { Services } from '../services.ts';
import { listCommands } from './command-views.ts';
import type { DialectHandlers } from './handlers.ts';
import { killSessions, toggleLockSession } from './session-tasks.ts';
import { listSessions, showSession } from './session-views.ts';
import { spanOf } from './search.ts';

export function sessionHandlers(services: Services): DialectHandlers<typeof DIALECT_SESSION_ROUTES> {
  return {
    listSessions: ({ caller, query, manner }) =>
      listSessions(services, caller, { filter: query, ...spanOf(query) }, manner),
    listOwnSessions: ({ caller, query, manner }) =>
      listSessions(
        services,
        caller,
        { filter: query, ...spanOf(query), ownerId: caller.userId ?? '' },
        manner,
      ),
    getSession: ({ caller, params, manner }) => showSession(services, caller, params.id, manner),
    killSessions: ({ caller, body }) => killSessions(services, caller, body),
    toggleLockSession: ({ caller, body }) => toggleLockSession(services, caller, body),
    listCommands: ({ query, manner, signal }) => listCommands(services, query, manner, signal),
    listCommandStorages: async () => [COMMAND_STORAGE],
  };
}
