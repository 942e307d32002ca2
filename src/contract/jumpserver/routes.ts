import type { Route } from '../routes/route.ts';
import { DIALECT_ACCESS_KEY_ROUTES } from './access-key-routes.ts';
import { DIALECT_AUDIT_ROUTES } from './audit-routes.ts';
import { DIALECT_SESSION_ROUTES } from './session-routes.ts';
import { DIALECT_SIGN_IN_ROUTES } from './sign-in-routes.ts';
import { DIALECT_USER_ROUTES } from './user-routes.ts';

/** Every call of the dialect. */
export const DIALECT_ROUTES = {
  ...DIALECT_SIGN_IN_ROUTES,
  ...DIALECT_ACCESS_KEY_ROUTES,
  ...DIALECT_USER_ROUTES,
  ...DIALECT_SESSION_ROUTES,
  ...DIALECT_AUDIT_ROUTES,
} as const satisfies Readonly<Record<string, Route>>;
