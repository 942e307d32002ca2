import { makeEvent } from '#contract/event.ts';
import { MAX_LATE_MS } from '#domain/detection/event-time.ts';
import { reachMs, type FiringRule } from '#domain/detection/firing-rule.ts';
import { derivedId } from '#lib/ids.ts';
import type { EmitEvent, StateTransaction } from '#state/state.ts';
import type { TickMoment } from './end-quiet-episodes.ts';

/** Matches kept for one rule; beyond it the oldest go, and the rule says so. */
export const ENTRIES_PER_RULE = 1_000_000;
/** An event may be seen a moment before a tick and stored behind it. */
const SLACK_MS = 60_000;
/** Entries of rules that are gone are kept this long, in case the rule comes back. */
const ORPHANS_MS = 7 * 86_400_000;

/** Deletes matches that no window can reach any more, and keeps every rule within its bounds. */
export async function purgeEntries(
  tx: StateTransaction,
  emit: EmitEvent,
  tick: TickMoment,
  rules: ReadonlyMap<string, FiringRule>,
  limit = ENTRIES_PER_RULE,
): Promise<void> {
  await purgeCuts(tx, tick);
  for (const rule of rules.values()) {
    await tx
      .deleteFrom('correlation_entries')
      .where('ruleId', '=', rule.id)
      .where('time', '<', tick.timeMs - reachMs(rule.threshold) - MAX_LATE_MS - SLACK_MS)
      .execute();
  }
  const sizes = await tx
    .selectFrom('correlation_entries')
    .select(['ruleId', (eb) => eb.fn.countAll<number | string>().as('count')])
    .groupBy('ruleId')
    .execute();
  for (const { ruleId, count } of sizes) {
    const rule = rules.get(ruleId);
    if (rule === undefined) {
      await tx
        .deleteFrom('correlation_entries')
        .where('ruleId', '=', ruleId)
        .where('time', '<', tick.timeMs - ORPHANS_MS)
        .execute();
    } else if (Number(count) > limit) await evict(tx, emit, tick, rule, Number(count), limit);
  }
}

/**
 * That a rule has fired for a key matters while the episode lasts, or until everything in it was read. What
 * comes behind this tick can only lie in episodes that are open here.
 */
async function purgeCuts(tx: StateTransaction, tick: TickMoment): Promise<void> {
  const open = await tx
    .selectFrom('episodes')
    .select((eb) => eb.fn.min<number | null>('openedPosition').as('first'))
    .where((eb) => eb.or([eb('endPosition', 'is', null), eb('endPosition', '>', tick.position)]))
    .executeTakeFirst();
  await tx
    .deleteFrom('correlation_cuts')
    .where('position', '<', open?.first ?? tick.position)
    .execute();
}

async function evict(
  tx: StateTransaction,
  emit: EmitEvent,
  tick: TickMoment,
  rule: FiringRule,
  count: number,
  limit: number,
): Promise<void> {
  const border = await tx
    .selectFrom('correlation_entries')
    .select('time')
    .where('ruleId', '=', rule.id)
    .orderBy('time', 'desc')
    .offset(limit)
    .limit(1)
    .executeTakeFirst();
  if (border === undefined) return;
  await tx
    .deleteFrom('correlation_entries')
    .where('ruleId', '=', rule.id)
    .where('time', '<=', border.time)
    .execute();
  emit(
    makeEvent('rule.degraded', derivedId('rule.degraded', rule.id, tick.position), tick.timeMs, {
      message: `The rule "${rule.title}" holds ${count} matches; the oldest beyond ${limit} were dropped, so slow attacks may be missed.`,
      data: { ruleId: rule.id, held: count, limit, reason: 'evicted' },
    }),
  );
}
