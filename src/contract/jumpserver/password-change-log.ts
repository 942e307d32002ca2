import { z } from 'zod';
import type { EventRecord } from '../event.ts';
import type { EventType } from '../event-catalogue.ts';
import { type DisplayNames, isNamed, type Manner } from './manner.ts';
import { isMachine } from './operate-log.ts';

export const JumpServerPasswordChangeLog = z.object({
  id: z.string(),
  user: z.string(),
  change_by: z.string(),
  remote_addr: z.string(),
  datetime: z.string(),
});
export type JumpServerPasswordChangeLog = z.infer<typeof JumpServerPasswordChangeLog>;

/** What a person or a program may ask of the changes; anything else is passed over. */
export const PasswordChangeLogFilter = z.object({
  id: z.string().optional(),
  user: z.string().optional(),
  change_by: z.string().optional(),
  remote_addr: z.string().optional(),
  search: z.string().optional(),
  order: z.string().optional(),
});
export type PasswordChangeLogFilter = z.infer<typeof PasswordChangeLogFilter>;

export function passesPasswordChangeLogFilter(
  log: JumpServerPasswordChangeLog,
  filter: PasswordChangeLogFilter,
): boolean {
  const searched = (filter.search ?? '').toLowerCase();
  return (
    isNamed(log.user, filter.user) &&
    isNamed(log.change_by, filter.change_by) &&
    (filter.remote_addr === undefined || filter.remote_addr === log.remote_addr) &&
    [log.user, log.change_by].some((text) => text.toLowerCase().includes(searched))
  );
}

/** Changed public keys are told here as well, as JumpServer does. */
export const PASSWORD_CHANGE_TYPES: readonly EventType[] = ['user.password_changed', 'object.updated'];

/** Undefined for an event in which no password and no public key changed. */
export function jumpServerPasswordChangeLog(
  event: EventRecord,
  names: DisplayNames,
  { date }: Manner,
): JumpServerPasswordChangeLog | undefined {
  if (event.user === undefined || !changesCredential(event)) return undefined;
  // Whoever sets their own password through a link is told without an actor.
  const by = event.actor ?? event.user;
  return {
    id: event.id,
    user: names.user(event.user),
    change_by: isMachine(by) ? 'System' : names.user(by),
    remote_addr: event.address ?? '127.0.0.1',
    datetime: date(event.time),
  };
}

function changesCredential(event: EventRecord): boolean {
  if (event.type === 'user.password_changed') return true;
  const { fields } = event.data;
  return event.type === 'object.updated' && Array.isArray(fields) && fields.includes('publicKeys');
}
