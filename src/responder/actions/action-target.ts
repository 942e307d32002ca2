import { PortcullisError } from '#contract/errors.ts';
import { parseEntity } from '#domain/detection/entity.ts';
import type { ActionRow } from '#state/schema.ts';

/** The user of our own gateway that the action is about. Other realms need a connector. */
export function gatewayUser(row: ActionRow): string {
  const entity = parseEntity(row.target);
  if (entity?.kind === 'user' && entity.realm === 'gateway') return entity.username;
  throw new PortcullisError(
    'E_UNSUPPORTED',
    `The action ${row.action} cannot reach ${row.target}: there is no connector to that realm. Contain the person there by hand.`,
  );
}
