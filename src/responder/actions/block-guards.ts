import type { LiveSession } from '#control/control.ts';
import { nameKey } from '#contract/names.ts';
import { isAddressIn } from '#domain/access/locks.ts';
import { parseIpRange, rangesOverlap } from '#lib/ip.ts';
import { peopleAt } from '#state/login-addresses.ts';
import type { ActionRow } from '#state/schema.ts';
import type { StateReader } from '#state/state.ts';
import type { ActionContext } from './action-context.ts';
import { isEpisodeOpen, recentLockouts, type GuardObjection } from './lock-guards.ts';

const LOOPBACK = ['127.0.0.0/8', '::1'];
/** Named in the reason; it only has to be seen that there are some. */
const PEOPLE_NAMED = 5;

export interface BlockQuestion {
  readonly row: ActionRow;
  /** An address, or a /64. */
  readonly address: string;
  /** Every session, read just before. */
  readonly live: readonly LiveSession[];
}

/**
 * What speaks against locking this address at this moment, the weightiest first. What a person approved is bound
 * by the addresses that carry everybody's connections alone.
 */
export async function findBlockObjections(
  db: StateReader,
  { row, address, live }: BlockQuestion,
  { limits, clock }: Pick<ActionContext, 'limits' | 'clock'>,
): Promise<readonly GuardObjection[]> {
  const found: GuardObjection[] = [];
  const nowMs = clock();
  const within = live.filter((session) => isAddressIn(address, session.address));
  const [isOpen, administrators, people, others] = await Promise.all([
    isEpisodeOpen(db, row),
    administratorsAmong(db, within),
    firstEvidenceMs(db, row, nowMs).then((beforeMs) =>
      peopleAt(db, address, { beforeMs, nowMs }, PEOPLE_NAMED),
    ),
    recentLockouts(db, ['user', 'foreign-user', 'address'], { kind: 'address', key: address }, nowMs),
  ]);
  if (!isOpen) found.push({ guard: 'ended', why: 'the episode had ended before the action ran' });
  if (meetsAny(LOOPBACK, address))
    found.push({ guard: 'loopback', why: `${address} is this machine itself, on which tunnels end too` });
  if (meetsAny(limits.trustedProxies, address))
    found.push({
      guard: 'proxy',
      why: `${address} is a trusted proxy (ssh.trustedProxies, http.trustedProxies), through which everybody comes`,
    });
  if (row.mode === 'approve') return found;
  if (meetsAny(limits.breakGlassAddresses, address))
    found.push({
      guard: 'break-glass',
      why: `${address} is a break-glass address (detection.breakGlassAddresses)`,
    });
  if (administrators.length > 0)
    found.push({
      guard: 'administrator',
      why: `${administrators.join(', ')}, who may administrate, is working from ${address} now`,
    });
  if (people.length > 0)
    found.push({
      guard: 'shared',
      why: `${people.join(', ')}${people.length === PEOPLE_NAMED ? ' and perhaps others' : ''} had logged in from ${address} in the days before`,
    });
  if (others >= limits.lockoutsPer10Minutes)
    found.push({
      guard: 'budget',
      why: `${others} other users and addresses were locked out automatically within ten minutes (detection.lockoutsPer10Minutes)`,
    });
  return found;
}

function meetsAny(ranges: readonly string[], address: string): boolean {
  const own = parseIpRange(address);
  return ranges.some((text) => {
    const range = parseIpRange(text);
    // What cannot be read is taken to concern this address too: a guard fails towards asking.
    return own === undefined || range === undefined || rangesOverlap(own, range);
  });
}

async function administratorsAmong(
  db: StateReader,
  sessions: readonly LiveSession[],
): Promise<readonly string[]> {
  const names = [...new Set(sessions.map((session) => nameKey(session.username)))];
  if (names.length === 0) return [];
  const rows = await db
    .selectFrom('users')
    .select('username')
    .where('roles', 'like', '%"admin"%')
    .orderBy('usernameKey')
    .execute();
  return rows.map((row) => row.username).filter((username) => names.includes(nameKey(username)));
}

/**
 * Who logged in for the first time after this is part of what happened, not at home there: somebody who guesses a
 * password must not shield the address by it.
 */
async function firstEvidenceMs(db: StateReader, row: ActionRow, nowMs: number): Promise<number> {
  if (row.offenseId === null || row.episode === null) return nowMs;
  const found = await db
    .selectFrom('evidence')
    .select((eb) => eb.fn.min<number | null>('time').as('first'))
    .where('offenseId', '=', row.offenseId)
    .where('episode', '=', row.episode)
    .executeTakeFirst();
  return found?.first ?? nowMs;
}
