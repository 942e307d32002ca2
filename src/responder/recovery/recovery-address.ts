import { formatEntity } from '#domain/detection/entity.ts';
import type { StateReader } from '#state/state.ts';

/** What a recovery is about, besides the user. */
export interface RecoveryOccasion {
  /** The open offense about the user, if there is one. */
  readonly offenseId: string | null;
  /** Where the link may go; null when there is no address. */
  readonly mailAddress: string | null;
}

/**
 * The link goes to the address as it stood when the oldest open episode about the user began: an intruder who
 * changed the address meanwhile gains nothing. Without an open episode it goes to the present address.
 */
export async function findOccasion(
  db: StateReader,
  user: { readonly username: string; readonly email: string | null },
): Promise<RecoveryOccasion> {
  const entity = formatEntity({ kind: 'user', realm: 'gateway', username: user.username });
  const row = await db
    .selectFrom('offenses')
    .innerJoin('timeline', (join) =>
      join.onRef('timeline.offenseId', '=', 'offenses.id').onRef('timeline.episode', '=', 'offenses.episode'),
    )
    .select(['offenses.id', 'timeline.data'])
    .where('offenses.entity', '=', entity)
    .where('offenses.status', '=', 'open')
    .where('timeline.kind', '=', 'opened')
    .orderBy('timeline.time')
    .executeTakeFirst();
  if (row === undefined) return { offenseId: null, mailAddress: user.email };
  const data = JSON.parse(row.data) as { readonly mailAddress?: string | null };
  return { offenseId: row.id, mailAddress: data.mailAddress ?? null };
}
