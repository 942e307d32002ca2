import { CONNECTOR_ROUTES } from './connector-routes.ts';
import { INVENTORY_ROUTES } from './inventory-routes.ts';
import { LOG_SOURCE_ROUTES } from './log-source-routes.ts';
import { RESPONSE_ROUTES } from './response-routes.ts';
import { SESSION_ROUTES } from './session-routes.ts';
import { SYSTEM_ROUTES } from './system-routes.ts';
import { TOKEN_ROUTES } from './token-routes.ts';
import { USER_ROUTES } from './user-routes.ts';

/** Every operation of the API by its id. */
export const ROUTES = {
  ...USER_ROUTES,
  ...INVENTORY_ROUTES,
  ...SESSION_ROUTES,
  ...RESPONSE_ROUTES,
  ...CONNECTOR_ROUTES,
  ...LOG_SOURCE_ROUTES,
  ...TOKEN_ROUTES,
  ...SYSTEM_ROUTES,
} as const;
