import type { EventView } from '#contract/resources/event-view.ts';
import type { CutSession, Offense, OffenseDetail, PlannedAction } from '#contract/resources/offense.ts';
import type { ActionRow, OffenseRow } from './schema.ts';
import type { StateReader } from './state.ts';

export interface OffenseFilter {
  readonly status?: 'open' | 'closed' | undefined;
  readonly entity?: string | undefined;
  readonly limit: number;
}

/** Offenses as the API shows them, newest change first. */
export async function readOffenseViews(db: StateReader, filter: OffenseFilter): Promise<readonly Offense[]> {
  let query = db.selectFrom('offenses').selectAll().orderBy('updatedAt', 'desc').orderBy('number', 'desc');
  if (filter.status !== undefined) query = query.where('status', '=', filter.status);
  if (filter.entity !== undefined) query = query.where('entity', '=', filter.entity);
  const rows = await query.limit(filter.limit).execute();
  return rows.map(offenseView);
}

/** By the number that people use, or by id. */
export async function findOffense(db: StateReader, numberOrId: string): Promise<OffenseRow | undefined> {
  const query = db.selectFrom('offenses').selectAll();
  const byNumber = /^\d+$/.test(numberOrId);
  return byNumber
    ? query.where('number', '=', Number(numberOrId)).executeTakeFirst()
    : query.where('id', '=', numberOrId).executeTakeFirst();
}

/** Evidence of one offense grows without bound; a person reads the newest. */
const EVIDENCE_SHOWN = 500;

export async function readOffenseDetail(db: StateReader, row: OffenseRow): Promise<OffenseDetail> {
  const [episodes, evidence, timeline, actions] = await Promise.all([
    db
      .selectFrom('episodes')
      .select(['episode', 'openedAt', 'lastEventAt', 'endedAt', 'endReason'])
      .where('offenseId', '=', row.id)
      .orderBy('episode')
      .execute(),
    db
      .selectFrom('evidence')
      .select(['episode', 'ruleId', 'event'])
      .where('offenseId', '=', row.id)
      .orderBy('position', 'desc')
      .limit(EVIDENCE_SHOWN)
      .execute(),
    db
      .selectFrom('timeline')
      .select(['episode', 'time', 'kind', 'actor', 'text'])
      .where('offenseId', '=', row.id)
      .orderBy('time')
      .orderBy('id')
      .execute(),
    db
      .selectFrom('actions')
      .selectAll()
      .where('offenseId', '=', row.id)
      .orderBy('plannedAt')
      .orderBy('step')
      .execute(),
  ]);
  return {
    ...offenseView(row),
    episodes,
    evidence: evidence.toReversed().map((one) => ({
      episode: one.episode,
      rule: one.ruleId,
      event: JSON.parse(one.event) as EventView,
    })),
    timeline: timeline.toSorted((one, other) => one.time - other.time || rank(one.kind) - rank(other.kind)),
    actions: actions.map(actionView),
    cut: cutSessions(actions),
  };
}

/** What one transaction tells has one time: then this is the order in which it came about. */
const ORDER = ['opened', 'fired', 'planned', 'decision', 'action'];

function rank(kind: string): number {
  const place = ORDER.indexOf(kind);
  return place < 0 ? ORDER.length : place;
}

export async function findActionView(db: StateReader, id: string): Promise<PlannedAction | undefined> {
  const row = await db.selectFrom('actions').selectAll().where('id', '=', id).executeTakeFirst();
  return row === undefined ? undefined : actionView(row);
}

export function offenseView(row: OffenseRow): Offense {
  return {
    id: row.id,
    number: row.number,
    title: row.title,
    rule: row.ruleId,
    entity: row.entity,
    severity: row.severity,
    status: row.status,
    verdict: row.verdict,
    assignee: row.assignee,
    episode: row.episode,
    openedAt: row.openedAt,
    updatedAt: row.updatedAt,
    closedAt: row.closedAt,
  };
}

function actionView(row: ActionRow): PlannedAction {
  return {
    id: row.id,
    offenseId: row.offenseId,
    episode: row.episode,
    playbook: row.playbook,
    step: row.step,
    action: row.action,
    target: row.target,
    mode: row.mode,
    state: row.state,
    attempts: row.attempts,
    plannedAt: row.plannedAt,
    updatedAt: row.updatedAt,
    result: row.result,
    summary: resultOf(row)?.summary ?? null,
  };
}

/** What the views read of a result; the responder writes it. */
interface StoredResult {
  readonly summary?: string;
  readonly cut?: readonly Omit<CutSession, 'episode'>[];
}

function resultOf(row: ActionRow): StoredResult | null {
  return row.result === null ? null : (JSON.parse(row.result) as StoredResult);
}

/** Each session once, though locking and cutting may both have met it. */
function cutSessions(actions: readonly ActionRow[]): CutSession[] {
  const cut = new Map<string, CutSession>();
  for (const row of actions)
    for (const one of resultOf(row)?.cut ?? [])
      if (!cut.has(one.id)) cut.set(one.id, { episode: row.episode ?? 0, ...one });
  return [...cut.values()];
}
