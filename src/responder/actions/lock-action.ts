import { nameKey } from '#contract/names.ts';
import { readActionParams } from '#domain/playbook/playbook.ts';
import { parseDuration } from '#lib/time.ts';
import type { ActionExecutor } from './action-context.ts';
import { gatewayUser } from './action-target.ts';
import { findObjections } from './lock-guards.ts';
import { placeLock, type LockAim } from './place-lock.ts';

/** Locks the person out. */
export const runLock: ActionExecutor = async ({ row }, context) => {
  const username = gatewayUser(row);
  const { mode, expires } = readActionParams('lock', JSON.parse(row.params));
  return placeLock(
    row,
    {
      aim: aimAtUser(username),
      mode,
      expiresInMs: expires === undefined ? null : (parseDuration(expires) ?? null),
      objections: (tx) => findObjections(tx, row, username, context.limits, context.clock()),
      instead: 'sessions are cut and the responders are told',
    },
    context,
  );
};

export function aimAtUser(username: string): LockAim {
  return {
    targetKind: 'user',
    target: username,
    holds: (lock) => lock.targetKind === 'user' && lock.targetKey === username,
    hits: (session) => nameKey(session.username) === username,
  };
}
