import { makeEvent, type EventFields, type EventRecord } from '#contract/event.ts';
import { SEVERITIES } from '#contract/severity.ts';
import { parseEntity } from '#domain/detection/entity.ts';
import type { CountedEntry } from '#domain/detection/window.ts';
import type { FireDecision } from '#domain/offense/advance.ts';
import { fireId } from '#domain/offense/identity.ts';
import { responseMode } from '#domain/offense/response-mode.ts';
import { plan, type PlannedAction } from '#domain/playbook/plan.ts';
import type { Playbooks } from '#domain/playbook/playbook-file.ts';
import { derivedId } from '#lib/ids.ts';
import type { JsonObject } from '#lib/json.ts';
import type { Clock } from '#lib/time.ts';
import { untried } from '#state/action-row.ts';
import type { ActionRow, TimelineRow } from '#state/schema.ts';
import type { EmitEvent, StateTransaction } from '#state/state.ts';
import type { Statements } from '#state/statements.ts';
import type { OffenseMemory, PlacedMatch } from './correlation-facts.ts';

export interface FireContext {
  readonly playbooks: Playbooks;
  readonly clock: Clock;
}

export interface EvidenceItem {
  readonly entry: CountedEntry;
  readonly event: EventRecord;
}

export interface Fire {
  readonly match: PlacedMatch;
  readonly offense: OffenseMemory;
  readonly fire: FireDecision;
  readonly evidence: readonly EvidenceItem[];
  /** Of the person, as it is now. */
  readonly mailAddress: string | null;
}

/** The transaction of a batch, as those who write in it need it. */
export interface Writing {
  readonly tx: StateTransaction;
  readonly emit: EmitEvent;
  readonly statements: Statements;
}

/**
 * Writes what a fire means: the episode, its time line, the planned actions, and the events about them.
 * @returns how many actions were planned
 */
export function recordFire(writing: Writing, fire: Fire, context: FireContext): number {
  const { tx, emit, statements } = writing;
  const nowMs = context.clock();
  const timeline: TimelineRow[] = [];
  if (fire.fire.opens) timeline.push(openEpisode(writing, fire, nowMs));
  else raiseSeverity(writing, fire, nowMs);
  const { rule, key } = fire.match.record;
  const id = fireId(rule.id, key, fire.offense.id, fire.fire.episode);
  emit(
    makeEvent('rule.fired', id, nowMs, {
      ...aboutOffense(fire),
      severity: rule.severity,
      message: `${rule.title}: ${fire.match.record.entity}`,
      data: { ...offenseData(fire), key, matches: fire.evidence.map(({ event }) => event.id).slice(-50) },
    }),
  );
  timeline.push(
    timelineRow(fire, nowMs, 'fired', id, `The rule "${rule.title}" fired.`, { ruleId: rule.id, key }),
  );
  const planned = fire.fire.responds ? planActions(writing, fire, context, nowMs) : null;
  if (planned !== null) timeline.push(planned.told);
  statements.add(
    tx
      .insertInto('timeline')
      .values(timeline)
      .onConflict((conflict) => conflict.doNothing()),
  );
  return planned?.count ?? 0;
}

function openEpisode({ tx, emit, statements }: Writing, fire: Fire, nowMs: number): TimelineRow {
  const { rule, family, entity, timeMs } = fire.match.record;
  const { id } = fire.offense;
  const { episode } = fire.fire;
  const changing = {
    ruleId: rule.id,
    title: rule.title,
    severity: rule.severity,
    status: 'open' as const,
    verdict: null,
    episode,
    updatedAt: nowMs,
    closedAt: null,
  };
  if (episode === 1)
    statements.add(
      tx.insertInto('offenses').values({
        ...changing,
        id,
        // The one writer of offenses is this transaction, so the number is free.
        number: (eb) =>
          eb
            .selectFrom('offenses')
            .select((inner) =>
              inner(inner.fn.coalesce(inner.fn.max('number'), inner.lit(0)), '+', 1).as('next'),
            ),
        ruleFamily: family,
        entity,
        assignee: null,
        openedAt: nowMs,
      }),
    );
  else statements.add(tx.updateTable('offenses').set(changing).where('id', '=', id));
  statements.add(
    tx.insertInto('episodes').values({
      offenseId: id,
      episode,
      openedAt: nowMs,
      openedPosition: fire.match.position,
      lastEventAt: timeMs,
      evidenceCount: 0,
      endedAt: null,
      endPosition: null,
      endReason: null,
    }),
  );
  const eventId = derivedId('offense.opened', id, episode);
  emit(
    makeEvent('offense.opened', eventId, nowMs, {
      ...aboutOffense(fire),
      severity: rule.severity,
      message: `${rule.title}: ${entity}, episode ${episode}`,
      data: offenseData(fire),
    }),
  );
  return timelineRow(fire, nowMs, 'opened', eventId, `Episode ${episode} was opened.`, {
    // Recovery mails to the address as it stood before the episode, whoever changes it later.
    mailAddress: fire.mailAddress,
  });
}

/** A graver rule of the same family fired in the open episode: the offense is as grave as that. */
function raiseSeverity({ tx, statements }: Writing, fire: Fire, nowMs: number): void {
  const { severity } = fire.match.record.rule;
  const lower = SEVERITIES.slice(0, SEVERITIES.indexOf(severity));
  if (lower.length === 0) return;
  statements.add(
    tx
      .updateTable('offenses')
      .set({ severity, updatedAt: nowMs })
      .where('id', '=', fire.offense.id)
      .where('severity', 'in', lower),
  );
}

/** Where mail to the person goes, if the entity is one of ours. */
export async function currentMailAddress(tx: StateTransaction, entityText: string): Promise<string | null> {
  const entity = parseEntity(entityText);
  if (entity?.kind !== 'user' || entity.realm !== 'gateway') return null;
  const row = await tx
    .selectFrom('users')
    .select('email')
    .where('usernameKey', '=', entity.username)
    .executeTakeFirst();
  return row?.email ?? null;
}

function planActions(
  { tx, emit, statements }: Writing,
  fire: Fire,
  context: FireContext,
  nowMs: number,
): { readonly count: number; readonly told: TimelineRow } | null {
  const { rule, entity } = fire.match.record;
  const playbook = rule.playbook === null ? undefined : context.playbooks.get(rule.playbook);
  if (playbook === undefined) return null;
  const mode = responseMode(rule.mode, fire.match.record.trusted);
  const actions = plan(playbook, { offenseId: fire.offense.id, episode: fire.fire.episode, entity, mode });
  statements.add(
    tx
      .insertInto('actions')
      .values(actions.map((action) => actionRow(fire, action, nowMs)))
      .onConflict((conflict) => conflict.doNothing()),
  );
  for (const action of actions)
    emit(
      makeEvent('action.planned', derivedId('action.planned', action.id), nowMs, {
        ...aboutOffense(fire),
        message: `${action.action} (${playbook.title}, step ${action.step}, ${mode})`,
        data: {
          ...offenseData(fire),
          action: action.id,
          name: action.action,
          playbook: playbook.name,
          step: action.step,
          target: action.target,
          mode,
        },
      }),
    );
  const told = timelineRow(
    fire,
    nowMs,
    'planned',
    derivedId('planned', fire.offense.id, fire.fire.episode, playbook.name),
    `${actions.length} actions were planned (${playbook.title}, ${mode}).`,
    { playbook: playbook.name, mode },
  );
  return { count: actions.length, told };
}

function actionRow(fire: Fire, action: PlannedAction, nowMs: number): ActionRow {
  return {
    id: action.id,
    offenseId: fire.offense.id,
    episode: fire.fire.episode,
    playbook: action.playbook,
    step: action.step,
    action: action.action,
    target: action.target,
    params: JSON.stringify(action.params),
    mode: action.mode,
    state: action.state,
    ...untried(nowMs),
  };
}

function timelineRow(
  fire: Fire,
  nowMs: number,
  kind: string,
  sourceId: string,
  text: string,
  data: JsonObject,
): TimelineRow {
  return {
    id: derivedId('timeline', sourceId),
    offenseId: fire.offense.id,
    episode: fire.fire.episode,
    time: nowMs,
    kind,
    actor: 'system',
    text,
    data: JSON.stringify(data),
  };
}

function aboutOffense(fire: Fire): EventFields {
  const entity = parseEntity(fire.match.record.entity);
  return {
    offense: fire.offense.id,
    actor: 'system',
    ...(entity?.kind === 'user' ? { realm: entity.realm, user: entity.username } : {}),
  };
}

function offenseData(fire: Fire): JsonObject {
  const { rule, family, entity } = fire.match.record;
  return { ruleId: rule.id, family, entity, episode: fire.fire.episode };
}
