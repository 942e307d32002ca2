import { PortcullisError } from '#contract/errors.ts';
import type { EventRecord } from '#contract/event.ts';
import { nameKey } from '#contract/names.ts';
import { parseEntity } from '#domain/detection/entity.ts';
import type { ActionRow } from '#state/schema.ts';
import type { StateReader } from '#state/state.ts';
import type { ActionContext } from '../actions/action-context.ts';
import { ConnectorError } from '../connectors/connector-error.ts';
import type { Connector, ForeignUser } from '../connectors/connector.ts';

/** One event that an offense rests on, and where in the stream it stands. */
export interface Evidence {
  readonly event: EventRecord;
  readonly position: number;
}

/** A person of another realm, and the hands that reach it. */
export interface ForeignTarget {
  readonly connector: Connector;
  readonly user: ForeignUser;
  readonly evidence: readonly Evidence[];
}

/**
 * Whom the action is about. Entities are compared without case, users there are not: so the spelling is that of
 * the events. Throws ConnectorError, `ambiguous` when two spellings are two people, and E_UNSUPPORTED when no
 * connector reaches the realm.
 * @returns a sentence instead when there is no such user
 */
export async function findTarget(
  row: ActionRow,
  context: Pick<ActionContext, 'connectors' | 'state'>,
  signal: AbortSignal,
): Promise<ForeignTarget | string> {
  const entity = parseEntity(row.target);
  const connector = entity?.kind === 'user' ? context.connectors.get(entity.realm) : undefined;
  if (entity?.kind !== 'user' || connector === undefined)
    throw new PortcullisError(
      'E_UNSUPPORTED',
      `The action ${row.action} cannot reach ${row.target}: there is no connector to that realm. Contain the person there by hand.`,
    );
  const evidence = await readEvidence(row, context.state.reader);
  const spellings = new Set(
    evidence.flatMap(({ event }) =>
      event.realm === entity.realm && event.user !== undefined && nameKey(event.user) === entity.username
        ? [event.user]
        : [],
    ),
  );
  if (spellings.size === 0) spellings.add(entity.username);
  const found = new Map<string, ForeignUser>();
  for (const spelling of spellings) {
    const user = await connector.findUser(spelling, signal);
    if (user !== null) found.set(user.id, user);
  }
  if (found.size > 1)
    throw new ConnectorError(
      'ambiguous',
      `${[...spellings].join(' and ')} are different people at ${connector.name}; contain the right one by hand`,
    );
  const [user] = found.values();
  return user === undefined
    ? `there is no user ${[...spellings].join(' or ')} at ${connector.name}`
    : { connector, user, evidence };
}

async function readEvidence(row: ActionRow, db: StateReader): Promise<readonly Evidence[]> {
  if (row.offenseId === null || row.episode === null) return [];
  const rows = await db
    .selectFrom('evidence')
    .select(['event', 'position'])
    .where('offenseId', '=', row.offenseId)
    .where('episode', '=', row.episode)
    .orderBy('position')
    .execute();
  return rows.map(({ event, position }) => ({ event: JSON.parse(event) as EventRecord, position }));
}
