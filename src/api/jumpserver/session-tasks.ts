import type { z } from 'zod';
import type { ToggleLockBody } from '#contract/jumpserver/session.ts';
import type { Lock } from '#contract/resources/lock.ts';
import { addLockKeepingAnAdministrator } from '../access/add-lock.ts';
import type { Caller } from '../access/caller.ts';
import { endLocks } from '../access/end-locks.ts';
import type { Services } from '../services.ts';

export interface TasksDone {
  /** Ids of the sessions that existed, had not ended, and were acted on. */
  readonly ok: string[];
}

/** Ends sessions; answers when they are gone. Ids of sessions that are over or never were are passed over. */
export async function killSessions(
  services: Services,
  caller: Caller,
  ids: readonly string[],
): Promise<TasksDone> {
  const open = await unfinished(services, ids);
  if (open.length > 0)
    await services.control.terminate({
      ids: open,
      by: caller.name,
      reason: 'ended over the JumpServer API',
    });
  await endMootLocks(services, caller);
  return { ok: open };
}

/** Holds back what is typed in a session, lets it go again, or ends the session. */
export async function toggleLockSession(
  services: Services,
  caller: Caller,
  { session_id, task_name }: z.infer<typeof ToggleLockBody>,
): Promise<TasksDone> {
  const [id] = await unfinished(services, [session_id.toLowerCase()]);
  if (id === undefined) return { ok: [] };
  if (task_name === 'kill_session') return killSessions(services, caller, [id]);
  await endMootLocks(services, caller);
  const locks = await freezeLocksOn(services, id);
  if (task_name === 'unlock_session') {
    await endLocks(services, caller, locks, 'unlocked over the JumpServer API');
  } else if (locks.length === 0) {
    await addLockKeepingAnAdministrator(services, caller, {
      targetKind: 'session',
      target: id,
      mode: 'freeze',
      reason: FREEZE_REASON,
      expiresAt: null,
    });
  }
  return { ok: [id] };
}

async function freezeLocksOn({ locks }: Services, sessionId: string): Promise<readonly Lock[]> {
  return (await locks.inForce()).filter(
    (lock) => lock.targetKind === 'session' && lock.mode === 'freeze' && lock.target === sessionId,
  );
}

const FREEZE_REASON = 'locked over the JumpServer API';

/** A lock that was added here on a session that has ended holds nothing any more, and must not stay for ever. */
async function endMootLocks(services: Services, caller: Caller): Promise<void> {
  const ours = (await services.locks.inForce()).filter(
    (lock) => lock.targetKind === 'session' && lock.mode === 'freeze' && lock.reason === FREEZE_REASON,
  );
  if (ours.length === 0) return;
  const targets = ours.map((lock) => lock.target);
  const open = new Set(await unfinished(services, targets));
  const moot = ours.filter((lock) => !open.has(lock.target));
  if (moot.length > 0) await endLocks(services, caller, moot, 'the session has ended');
}

const IDS_AT_ONCE = 500;

/** Of these ids the ones of sessions on assets that have not ended, in the order asked for. */
async function unfinished({ state, control }: Services, ids: readonly string[]): Promise<string[]> {
  const live = (await control.sessions()).filter((one) => one.asset !== null).map((one) => one.id);
  const open = new Set(live);
  for (let at = 0; at < ids.length; at += IDS_AT_ONCE) {
    const rows = await state.reader
      .selectFrom('sessions')
      .select('id')
      .where('id', 'in', ids.slice(at, at + IDS_AT_ONCE))
      .where('endedAt', 'is', null)
      .execute();
    for (const row of rows) open.add(row.id);
  }
  return ids.filter((id) => open.has(id));
}
