import type { EventType } from '#contract/event-catalogue.ts';
import { makeEvent } from '#contract/event.ts';
import { parseEntity } from '#domain/detection/entity.ts';
import { newId } from '#lib/ids.ts';
import type { JsonObject } from '#lib/json.ts';
import type { OffenseRow } from '#state/schema.ts';
import type { EmitEvent, StateTransaction } from '#state/state.ts';

/** What somebody did with an offense: a line in its time line and an event of the same id. */
export interface OffenseNote {
  readonly type: EventType;
  /** Kind of the line in the time line. */
  readonly kind: string;
  readonly by: string;
  readonly text: string;
  readonly data: JsonObject;
  readonly nowMs: number;
}

export async function noteOnOffense(
  tx: StateTransaction,
  emit: EmitEvent,
  row: OffenseRow,
  note: OffenseNote,
): Promise<void> {
  const id = newId(note.nowMs);
  await tx
    .insertInto('timeline')
    .values({
      id,
      offenseId: row.id,
      episode: row.episode,
      time: note.nowMs,
      kind: note.kind,
      actor: note.by,
      text: note.text,
      data: JSON.stringify(note.data),
    })
    .execute();
  await tx.updateTable('offenses').set({ updatedAt: note.nowMs }).where('id', '=', row.id).execute();
  const entity = parseEntity(row.entity);
  emit(
    makeEvent(note.type, id, note.nowMs, {
      actor: note.by,
      offense: row.id,
      ...(entity?.kind === 'user' ? { realm: entity.realm, user: entity.username } : {}),
      message: note.text,
      data: { ...note.data, entity: row.entity, episode: row.episode },
    }),
  );
}
