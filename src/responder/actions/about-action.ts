import type { EventFields } from '#contract/event.ts';
import { parseEntity } from '#domain/detection/entity.ts';
import type { JsonObject } from '#lib/json.ts';
import type { ActionRow } from '#state/schema.ts';

/** What every event about an action says: which it is, of which offense, on whom. */
export function aboutAction(row: ActionRow): EventFields & { readonly data: JsonObject } {
  const entity = parseEntity(row.target);
  return {
    ...(row.offenseId === null ? {} : { offense: row.offenseId }),
    ...(entity?.kind === 'user' ? { realm: entity.realm, user: entity.username } : {}),
    data: {
      action: row.id,
      name: row.action,
      playbook: row.playbook,
      step: row.step,
      target: row.target,
      ...(row.episode === null ? {} : { episode: row.episode }),
    },
  };
}
