import type { Lock, LockTargetKind } from '#contract/resources/lock.ts';
import type { LockRow } from '#state/schema.ts';
import type { StateReader } from '#state/state.ts';

/** Locks that are in force now, oldest first. */
export async function readLocksInForce(db: StateReader, nowMs: number): Promise<readonly LockRow[]> {
  return db
    .selectFrom('locks')
    .selectAll()
    .where('endedAt', 'is', null)
    .where((eb) => eb.or([eb('expiresAt', 'is', null), eb('expiresAt', '>', nowMs)]))
    .orderBy('createdAt')
    .orderBy('id')
    .execute();
}

/** The same, as the contract has them. */
export async function locksInForce(db: StateReader, nowMs: number): Promise<readonly Lock[]> {
  return (await readLocksInForce(db, nowMs)).map(lockOf);
}

/** A stored lock as the contract has it. */
export function lockOf(row: LockRow): Lock {
  return {
    id: row.id,
    targetKind: row.targetKind as LockTargetKind,
    target: row.target,
    mode: row.mode,
    reason: row.reason,
    owner: row.owner,
    offenseId: row.offenseId,
    createdAt: row.createdAt,
    expiresAt: row.expiresAt,
  };
}

/** Keys of locks are compared without case where names are; key fingerprints and ids keep theirs. */
export function lockTargetKey(kind: LockTargetKind, target: string): string {
  return kind === 'key' || kind === 'session' ? target : target.toLowerCase();
}
