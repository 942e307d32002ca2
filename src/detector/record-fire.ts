import { makeEvent, type EventFields, type EventRecord } from '#contract/event.ts';
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
import type { EmitEvent, StateTransaction } from '#state/state.ts';
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
}

/** Writes what a fire means: the episode, its time line, the planned actions, and the events about them. */
export async function recordFire(
  tx: StateTransaction,
  emit: EmitEvent,
  fire: Fire,
  context: FireContext,
): Promise<number> {
  const nowMs = context.clock();
  if (fire.fire.opens) await openEpisode(tx, emit, fire, nowMs);
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
  await addTimeline(tx, fire, nowMs, 'fired', id, `The rule "${rule.title}" fired.`, {
    ruleId: rule.id,
    key,
  });
  return fire.fire.responds ? planActions(tx, emit, fire, context, nowMs) : 0;
}

async function openEpisode(tx: StateTransaction, emit: EmitEvent, fire: Fire, nowMs: number): Promise<void> {
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
  const known = await tx.selectFrom('offenses').select('id').where('id', '=', id).executeTakeFirst();
  if (known === undefined)
    await tx
      .insertInto('offenses')
      .values({
        ...changing,
        id,
        number: await nextNumber(tx),
        ruleFamily: family,
        entity,
        assignee: null,
        openedAt: nowMs,
      })
      .execute();
  else await tx.updateTable('offenses').set(changing).where('id', '=', id).execute();
  await tx
    .insertInto('episodes')
    .values({
      offenseId: id,
      episode,
      openedAt: nowMs,
      openedPosition: fire.match.position,
      lastEventAt: timeMs,
      endedAt: null,
      endPosition: null,
      endReason: null,
    })
    .execute();
  const eventId = derivedId('offense.opened', id, episode);
  // Recovery mails to the address as it stood before the episode, whoever changes it later.
  const mailAddress = await currentMailAddress(tx, entity);
  await addTimeline(tx, fire, nowMs, 'opened', eventId, `Episode ${episode} was opened.`, { mailAddress });
  emit(
    makeEvent('offense.opened', eventId, nowMs, {
      ...aboutOffense(fire),
      severity: rule.severity,
      message: `${rule.title}: ${entity}, episode ${episode}`,
      data: offenseData(fire),
    }),
  );
}

async function nextNumber(tx: StateTransaction): Promise<number> {
  const row = await tx
    .selectFrom('offenses')
    .select((eb) => eb.fn.max('number').as('last'))
    .executeTakeFirst();
  return (row?.last ?? 0) + 1;
}

async function currentMailAddress(tx: StateTransaction, entityText: string): Promise<string | null> {
  const entity = parseEntity(entityText);
  if (entity?.kind !== 'user' || entity.realm !== 'gateway') return null;
  const row = await tx
    .selectFrom('users')
    .select('email')
    .where('usernameKey', '=', entity.username)
    .executeTakeFirst();
  return row?.email ?? null;
}

async function planActions(
  tx: StateTransaction,
  emit: EmitEvent,
  fire: Fire,
  context: FireContext,
  nowMs: number,
): Promise<number> {
  const { rule, entity } = fire.match.record;
  const playbook = rule.playbook === null ? undefined : context.playbooks.get(rule.playbook);
  if (playbook === undefined) return 0;
  const mode = responseMode(rule.mode, fire.match.record.trusted);
  const actions = plan(playbook, { offenseId: fire.offense.id, episode: fire.fire.episode, entity, mode });
  for (const action of actions) {
    await insertAction(tx, fire, action, nowMs);
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
  }
  await addTimeline(
    tx,
    fire,
    nowMs,
    'planned',
    derivedId('planned', fire.offense.id, fire.fire.episode, playbook.name),
    `${actions.length} actions were planned (${playbook.title}, ${mode}).`,
    { playbook: playbook.name, mode },
  );
  return actions.length;
}

async function insertAction(
  tx: StateTransaction,
  fire: Fire,
  action: PlannedAction,
  nowMs: number,
): Promise<void> {
  await tx
    .insertInto('actions')
    .values({
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
      attempts: 0,
      notBefore: 0,
      leaseOwner: null,
      leaseUntil: null,
      before: null,
      result: null,
      plannedAt: nowMs,
      updatedAt: nowMs,
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

async function addTimeline(
  tx: StateTransaction,
  fire: Fire,
  nowMs: number,
  kind: string,
  sourceId: string,
  text: string,
  data: JsonObject,
): Promise<void> {
  await tx
    .insertInto('timeline')
    .values({
      id: derivedId('timeline', sourceId),
      offenseId: fire.offense.id,
      episode: fire.fire.episode,
      time: nowMs,
      kind,
      actor: 'system',
      text,
      data: JSON.stringify(data),
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
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
