import { z } from 'zod';
import { choice, choiceOf } from './choice.ts';
import { Flag } from './filters.ts';
import { displayText, isNamed, type Manner } from './manner.ts';

/** Somebody who is signed in on the web. */
export const JumpServerUserSession = z.object({
  id: z.uuid(),
  user: z.object({ id: z.string(), name: z.string() }),
  ip: z.string(),
  city: z.string(),
  user_agent: z.string(),
  type: choiceOf(z.literal('W')),
  backend: z.string(),
  backend_display: z.string(),
  is_active: z.boolean(),
  is_current_user_session: z.boolean(),
  date_created: z.string(),
  date_expired: z.string(),
});
export type JumpServerUserSession = z.infer<typeof JumpServerUserSession>;

export const UserSessionFilter = z.object({
  id: z.string().optional(),
  user: z.string().optional(),
  ip: z.string().optional(),
  type: z.string().optional(),
  is_active: Flag.optional(),
  order: z.string().optional(),
});
export type UserSessionFilter = z.infer<typeof UserSessionFilter>;

/** Times are epoch milliseconds. */
export interface UserSessionFacts {
  readonly id: string;
  readonly userId: string;
  readonly username: string;
  readonly name: string;
  readonly address: string;
  readonly createdAt: number;
  readonly expiresAt: number;
}

export function jumpServerUserSession(
  facts: UserSessionFacts,
  callerId: string | null,
  { date }: Manner,
): JumpServerUserSession {
  return {
    id: facts.id,
    user: { id: facts.userId, name: displayText(facts.name, facts.username) },
    ip: facts.address,
    city: '',
    user_agent: '',
    type: choice('W', 'Web'),
    backend: 'Password',
    backend_display: 'Password',
    is_active: true,
    is_current_user_session: facts.userId === callerId,
    date_created: date(facts.createdAt),
    date_expired: date(facts.expiresAt),
  };
}

export function passesUserSessionFilter(session: JumpServerUserSession, filter: UserSessionFilter): boolean {
  return (
    (filter.id === undefined || filter.id.toLowerCase() === session.id) &&
    (isNamed(session.user.name, filter.user) || filter.user === session.user.id) &&
    (filter.ip === undefined || filter.ip === session.ip) &&
    (filter.type === undefined || filter.type === session.type.value) &&
    filter.is_active !== false
  );
}

/** What is no id is passed over, because one bad id must not keep the others signed in. */
export const OfflineBody = z.object({
  ids: z
    .array(z.unknown())
    .max(10_000)
    .transform((ids) => ids.filter((id) => typeof id === 'string').map((id) => id.toLowerCase())),
});
