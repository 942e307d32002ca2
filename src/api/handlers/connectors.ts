import type { CONNECTOR_ROUTES } from '#contract/routes/connector-routes.ts';
import type { Handlers } from '../http/register-routes.ts';
import type { Services } from '../services.ts';

export function connectorHandlers({
  connectors,
  policy,
}: Pick<Services, 'connectors' | 'policy'>): Handlers<typeof CONNECTOR_ROUTES> {
  return {
    listConnectors: async () => ({ items: [...connectors.list()] }),
    testConnector: ({ params }) => connectors.test(params.name),
    recoverForeignUser: async ({ caller, params, body }) => {
      const recovery = await connectors.recover(params.name, body.username, caller.name);
      policy.policyChanged();
      return recovery;
    },
  };
}
