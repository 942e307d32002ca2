import { isAddressIn } from '#domain/access/locks.ts';
import { readActionParams } from '#domain/playbook/playbook.ts';
import { parseIpRange, rangesOverlap } from '#lib/ip.ts';
import { parseDuration } from '#lib/time.ts';
import type { ActionExecutor } from './action-context.ts';
import { blockedAddress } from './action-target.ts';
import { findBlockObjections } from './block-guards.ts';
import { placeLock, type LockAim } from './place-lock.ts';

/** Used when a stored duration cannot be read: a block without an end is never what was meant. */
const DEFAULT_MS = 3_600_000;

/** Locks the address for a while. Who comes from there is not known, so guards of its own are asked. */
export const runBlock: ActionExecutor = async ({ row }, context) => {
  const address = blockedAddress(row);
  const { mode, expires } = readActionParams('block', JSON.parse(row.params));
  return placeLock(
    row,
    {
      aim: aimAtAddress(address),
      mode,
      expiresInMs: parseDuration(expires) ?? DEFAULT_MS,
      objections: (tx, live) => findBlockObjections(tx, { row, address, live }, context),
      instead: 'the responders are told',
    },
    context,
  );
};

export function aimAtAddress(address: string): LockAim {
  return {
    targetKind: 'address',
    target: address,
    holds: (lock) => lock.targetKind === 'address' && meets(lock.target, address),
    hits: (session) => isAddressIn(address, session.address),
  };
}

/** Whether a stored lock and the address have anything in common. */
function meets(locked: string, address: string): boolean {
  const one = parseIpRange(locked);
  const other = parseIpRange(address);
  return one === undefined || other === undefined ? locked === address : rangesOverlap(one, other);
}
