import { setTimeout as delay } from 'node:timers/promises';
import { readActionParams } from '#domain/playbook/playbook.ts';
import { parseDuration } from '#lib/time.ts';
import type { ActionContext, ActionExecutor } from '../actions/action-context.ts';
import {
  resultOf,
  type ActionOutcome,
  type ActionResult,
  type CutSession,
} from '../actions/action-states.ts';
import { isEpisodeOpen } from '../actions/lock-guards.ts';
import { ConnectorError } from '../connectors/connector-error.ts';
import type { ForeignSession } from '../connectors/connector.ts';
import { ATTEMPT_MS, tellConnectorError } from './connector-outcome.ts';
import { doubtOutcome, findDoubt } from './corroboration.ts';
import { describeForeign } from './describe-foreign.ts';
import { findTarget, type ForeignTarget } from './foreign-target.ts';

/** How long one attempt kills and lists; sessions there end some time after they were killed. */
const ROUNDS_MS = 30_000;
const FIRST_LOOK_MS = 100;
const LONGEST_LOOK_MS = 1_000;
/** A kill that has shown no effect for this long is taken to be lost. */
const LOST_MS = 5_000;
/** One whose answer was lost is sent again after this. */
const DOUBTFUL_MS = 200;
const ATTEMPTS = 10;
const ATTEMPT_PAUSE_MS = 2_000;
const RETURNS = 5;

/**
 * Ends every session of the person in another realm: web sessions first, then those on assets, and lists until
 * none is left (contained); looks again after a while (verified). Who opened one between list and kill is in the
 * next list.
 */
export const runEndSessions: ActionExecutor = tellConnectorError(async ({ row }, context) => {
  const signal = AbortSignal.timeout(ATTEMPT_MS);
  const earlier = resultOf(row);
  const target = await findTarget(row, context, signal);
  if (typeof target === 'string')
    return { state: 'failed', result: { summary: `nothing was ended: ${target}` } };
  const { connector, user } = target;
  const who = `${user.username} at ${connector.name}`;
  const before = await connector.sessions(user, signal);
  const found = before.map(describeForeign);
  if (row.mode === 'shadow')
    return {
      state: 'shadowed',
      before: found,
      result: { summary: `${before.length} sessions of ${who} would have been ended` },
    };
  if (!(await isEpisodeOpen(context.state.reader, row)))
    return earlier?.containedAt === undefined
      ? { state: 'cancelled', result: { summary: 'nobody was cut off: the episode had ended before' } }
      : {
          state: 'succeeded',
          result: { ...earlier, summary: `${earlier.summary}; the episode ended before the second look` },
        };
  const doubt = await findDoubt(row, target, context.state.reader, signal);
  if (doubt !== null)
    return doubtOutcome(
      doubt,
      { notYet: `sessions of ${who} are not ended yet`, never: `no session of ${who} was ended` },
      { attempts: row.attempts, nowMs: context.clock(), before: found },
    );
  const wasContained = earlier?.containedAt !== undefined;
  if (wasContained && before.length === 0)
    return {
      state: 'verified',
      result: { ...earlier, summary: `no session of ${who} had come back` },
    };
  const web = await connector.endWebSessions(user, signal);
  const round = await endUntilEmpty(target, before, signal);
  return judge(who, { ...round, web, before: found, earlier, wasContained }, row, context, user.isActive);
});

interface Round {
  readonly ended: readonly CutSession[];
  readonly left: readonly ForeignSession[];
}

async function endUntilEmpty(
  { connector, user }: ForeignTarget,
  first: readonly ForeignSession[],
  signal: AbortSignal,
): Promise<Round> {
  const seen = new Map<string, ForeignSession>();
  const killedAt = new Map<string, number>();
  const until = performance.now() + ROUNDS_MS;
  let left = first;
  for (let lookMs = FIRST_LOOK_MS; left.length > 0; lookMs = Math.min(lookMs * 1.5, LONGEST_LOOK_MS)) {
    const now = performance.now();
    const due = left.filter(({ id }) => now - (killedAt.get(id) ?? -LOST_MS) >= LOST_MS);
    for (const session of left) seen.set(session.id, session);
    if (due.length > 0) {
      // Whether it arrived is seen in the list: an answer that is lost is no reason to stop, and a session that
      // is killed twice ends once.
      const isDone = await connector.killSessions(due, signal).then(
        () => true,
        (error: unknown) => {
          if (error instanceof ConnectorError && error.mayHaveActed) return false;
          throw error;
        },
      );
      for (const { id } of due) killedAt.set(id, isDone ? now : now - LOST_MS + DOUBTFUL_MS);
    }
    left = await connector.sessions(user, signal);
    if (left.length === 0 || performance.now() >= until) break;
    if (left.every(({ id }) => killedAt.has(id))) await delay(lookMs, undefined, { signal });
  }
  const still = new Set(left.map(({ id }) => id));
  return { ended: [...seen.values()].filter(({ id }) => !still.has(id)).map(describeForeign), left };
}

interface Seen extends Round {
  readonly web: number | null;
  readonly before: readonly CutSession[];
  readonly earlier: ActionResult | null;
  readonly wasContained: boolean;
}

function judge(
  who: string,
  seen: Seen,
  row: Parameters<ActionExecutor>[0]['row'],
  context: ActionContext,
  isActive: boolean,
): ActionOutcome {
  const { earlier, left } = seen;
  const nowMs = context.clock();
  const cut = [...(earlier?.cut ?? []), ...seen.ended];
  const returns = (earlier?.returns ?? 0) + (seen.wasContained ? 1 : 0);
  const webSessions = (Number(earlier?.['webSessions']) || 0) + (seen.web ?? 0);
  const kept = { cut, returns, webSessions };
  const first = earlier === null ? { before: seen.before } : {};
  if (left.length > 0)
    return {
      ...first,
      state: row.attempts < ATTEMPTS ? 'retrying' : 'failed',
      notBefore: nowMs + ATTEMPT_PAUSE_MS,
      result: {
        ...kept,
        summary: `${left.length} sessions of ${who} are still listed after they were killed`,
      },
    };
  if (returns > RETURNS)
    return {
      state: 'failed',
      result: { ...kept, summary: `${who} came back ${returns} times; something lets them in` },
    };
  const { verifyAfter } = readActionParams('terminate', JSON.parse(row.params));
  const summary = `no session of ${who} is left; ${cut.length} were ended, and ${webSessions} on the web`;
  return isActive
    ? {
        ...first,
        state: 'succeeded',
        result: {
          ...kept,
          containedAt: nowMs,
          summary: `${summary}; the account is active, so they may come back`,
        },
      }
    : {
        ...first,
        state: 'contained',
        notBefore: nowMs + (parseDuration(verifyAfter) ?? 0),
        result: { ...kept, containedAt: nowMs, summary },
      };
}
