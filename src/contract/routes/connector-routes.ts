import { z } from 'zod';
import { Name } from '../names.ts';
import { ConnectorReport, ConnectorView } from '../resources/connector.ts';
import { ForeignRecovery } from '../resources/foreign-recovery.ts';
import { READERS, RESPONDERS, defineRoute, listOf } from './route.ts';

const tag = 'connectors';
const params = z.strictObject({ name: Name });

export const CONNECTOR_ROUTES = {
  listConnectors: defineRoute({
    method: 'GET',
    path: '/v1/connectors',
    tag,
    summary: 'Foreign bastions on which people are contained.',
    callers: READERS,
    response: listOf(ConnectorView),
  }),
  testConnector: defineRoute({
    method: 'POST',
    path: '/v1/connectors/:name/test',
    tag,
    summary:
      'Look whether a foreign bastion can be acted on: reachability, TLS, version, clock, permissions.',
    callers: RESPONDERS,
    params,
    response: ConnectorReport,
  }),
  recoverForeignUser: defineRoute({
    method: 'POST',
    path: '/v1/connectors/:name/recover',
    tag,
    summary: 'Give a contained user of a foreign bastion access again: the old credentials end first.',
    callers: RESPONDERS,
    params,
    body: z.strictObject({
      /** Exactly as it is spelt there. */
      username: z.string().min(1).max(128),
    }),
    response: ForeignRecovery,
  }),
} as const;
