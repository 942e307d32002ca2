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
): Promise<void> {
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
    } else if (Number(count) > ENTRIES_PER_RULE) await evict(tx, emit, tick, rule, Number(count));
  }
}

async function evict(
  tx: StateTransaction,
  emit: EmitEvent,
  tick: TickMoment,
  rule: FiringRule,
  count: number,
): Promise<void> {
  const border = await tx
    .selectFrom('correlation_entries')
    .select('time')
    .where('ruleId', '=', rule.id)
    .orderBy('time', 'desc')
    .offset(ENTRIES_PER_RULE)
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
      message: `The rule "${rule.title}" holds ${count} matches; the oldest beyond ${ENTRIES_PER_RULE} were dropped, so slow attacks may be missed.`,
      data: { ruleId: rule.id, held: count, limit: ENTRIES_PER_RULE, reason: 'evicted' },
    }),
  );
}
