import type { LiveSession } from '#control/control.ts';
import { readActionParams } from '#domain/playbook/playbook.ts';
import { parseDuration } from '#lib/time.ts';
import { readLocksInForce } from '../locks/lock-row.ts';
import { AUTOMATION, type ActionContext, type ActionExecutor } from './action-context.ts';
import { resultOf, type ActionOutcome, type CutSession } from './action-states.ts';
import { gatewayUser } from './action-target.ts';
import { isEpisodeOpen } from './lock-guards.ts';
import { describeSession } from './place-lock.ts';

/** Rounds of cutting and listing in one go. */
const ROUNDS = 10;
/** How often somebody may have come back before this is called a failure. */
const RETURNS = 5;
const UNCONFIRMED_PAUSE_MS = 5_000;
const UNCONFIRMED_TRIES = 12;

/**
 * Cuts every session of the person and lists until none is left (contained); looks again after a while
 * (verified). Whoever came back meanwhile is cut again and the wait begins anew.
 */
export const runTerminate: ActionExecutor = async ({ row }, context) => {
  const username = gatewayUser(row);
  const { verifyAfter } = readActionParams('terminate', JSON.parse(row.params));
  const verifyAfterMs = parseDuration(verifyAfter) ?? 0;
  const before = await sessionsOf(username, context);
  if (row.mode === 'shadow')
    return {
      state: 'shadowed',
      before: before.map(describeSession),
      result: { summary: `${before.length} sessions of ${username} would have been cut` },
    };
  const earlier = resultOf(row);
  if (!(await isEpisodeOpen(context.state.reader, row)))
    return earlier?.containedAt === undefined
      ? { state: 'cancelled', result: { summary: 'nobody was cut here: the episode had ended before' } }
      : {
          state: 'succeeded',
          result: { ...earlier, summary: `${earlier.summary}; the episode ended before the second look` },
        };
  const wasContained = earlier?.containedAt !== undefined;
  if (wasContained && before.length === 0)
    return {
      state: 'verified',
      result: { ...earlier, summary: `no session of ${username} had come back` },
    };
  const round = await cutUntilEmpty(username, context);
  const cut = [...(earlier?.cut ?? []), ...round.cut];
  const returns = (earlier?.returns ?? 0) + (wasContained ? 1 : 0);
  const outcome = judge(username, { ...round, cut, returns, verifyAfterMs, attempts: row.attempts }, context);
  const locked = await isLocked(username, context);
  const final: ActionOutcome =
    outcome.state === 'contained' && !locked
      ? {
          state: 'succeeded',
          result: {
            ...outcome.result,
            summary: `${outcome.result.summary}; not locked, so they may come back`,
          },
        }
      : outcome;
  return earlier === null ? { ...final, before: before.map(describeSession) } : final;
};

interface Round {
  readonly cut: readonly CutSession[];
  readonly left: number;
  readonly unconfirmed: readonly string[];
}

async function cutUntilEmpty(username: string, context: ActionContext): Promise<Round> {
  const cut: CutSession[] = [];
  let left = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const answer = await context.control.terminate({
      username,
      by: AUTOMATION,
      reason: 'contained after an offense',
    });
    cut.push(...answer.cut.map(describeSession));
    left = (await sessionsOf(username, context)).length;
    if (answer.unconfirmed.length > 0) return { cut, left, unconfirmed: answer.unconfirmed };
    if (left === 0) break;
  }
  return { cut, left, unconfirmed: [] };
}

function judge(
  username: string,
  seen: Round & { readonly returns: number; readonly verifyAfterMs: number; readonly attempts: number },
  context: ActionContext,
): ActionOutcome {
  const { cut, left, unconfirmed, returns } = seen;
  const nowMs = context.clock();
  if (unconfirmed.length > 0)
    return {
      state: seen.attempts < UNCONFIRMED_TRIES ? 'retrying' : 'unknown',
      notBefore: nowMs + UNCONFIRMED_PAUSE_MS,
      result: {
        summary: `${unconfirmed.join(', ')} did not confirm that the sessions are cut`,
        cut,
        unconfirmed,
        returns,
      },
    };
  if (left > 0 || returns > RETURNS)
    return {
      state: 'failed',
      result: {
        summary:
          left > 0
            ? `${left} sessions of ${username} are still there after ${ROUNDS} rounds`
            : `${username} came back ${returns} times; something lets them in`,
        cut,
        returns,
      },
    };
  return {
    state: 'contained',
    notBefore: nowMs + seen.verifyAfterMs,
    result: {
      summary: `no session of ${username} is left; ${cut.length} were cut here`,
      cut,
      containedAt: nowMs,
      returns,
    },
  };
}

async function sessionsOf(username: string, context: ActionContext): Promise<readonly LiveSession[]> {
  return (await context.control.sessions()).filter((one) => one.username.toLowerCase() === username);
}

async function isLocked(username: string, context: ActionContext): Promise<boolean> {
  const locks = await readLocksInForce(context.state.reader, context.clock());
  return locks.some((lock) => lock.targetKind === 'user' && lock.targetKey === username);
}
