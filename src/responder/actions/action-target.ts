import { PortcullisError } from '#contract/errors.ts';
import { parseEntity } from '#domain/detection/entity.ts';
import { parseIpRange } from '#lib/ip.ts';
import type { ActionRow } from '#state/schema.ts';

/** The user of our own gateway that the action is about. */
export function gatewayUser(row: ActionRow): string {
  const entity = parseEntity(row.target);
  if (entity?.kind === 'user' && entity.realm === 'gateway') return entity.username;
  throw new PortcullisError(
    'E_UNSUPPORTED',
    `The action ${row.action} cannot reach ${row.target}: there is no connector to that realm. Contain the person there by hand.`,
  );
}

/** The address, or the /64, that the action is about, as a lock names it. */
export function blockedAddress(row: ActionRow): string {
  const entity = parseEntity(row.target);
  if (entity?.kind === 'address' && parseIpRange(entity.address) !== undefined) return entity.address;
  throw new PortcullisError(
    'E_UNSUPPORTED',
    `The action ${row.action} cannot lock ${row.target}: it is no address. Look at the offense, and add a lock by hand if one is needed.`,
  );
}
