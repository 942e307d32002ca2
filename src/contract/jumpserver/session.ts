import { z } from 'zod';
import { choice, choiceOf } from './choice.ts';
import { Flag } from './filters.ts';
import { displayText, isNamed, type Manner, ORGANISATION } from './manner.ts';

export const JumpServerSession = z.object({
  id: z.uuid(),
  user: z.string(),
  asset: z.string(),
  user_id: z.string(),
  asset_id: z.string(),
  account: z.string(),
  account_id: z.string(),
  protocol: z.string(),
  type: choiceOf(z.enum(['normal', 'command'])),
  login_from: choiceOf(z.enum(['ST', 'WT'])),
  remote_addr: z.string(),
  is_success: z.boolean(),
  is_finished: z.boolean(),
  has_replay: z.boolean(),
  has_command: z.boolean(),
  date_start: z.string(),
  date_end: z.string().nullable(),
  duration: z.string(),
  comment: z.string().nullable(),
  terminal_display: z.string(),
  is_locked: z.boolean(),
  command_amount: z.number().int(),
  error_reason: choiceOf(z.literal('')),
  terminal: z.object({ id: z.string(), name: z.string() }),
  can_replay: z.boolean(),
  can_join: z.boolean(),
  can_terminate: z.boolean(),
  org_id: z.string(),
  org_name: z.string(),
  // Version 4 has this as well.
  replay_size: z.number().int().optional(),
});
export type JumpServerSession = z.infer<typeof JumpServerSession>;

/** What a person or a program may ask of a list of sessions; anything else is passed over. */
export const SessionFilter = z.object({
  id: z.string().optional(),
  user: z.string().optional(),
  user_id: z.string().optional(),
  asset: z.string().optional(),
  asset_id: z.string().optional(),
  account: z.string().optional(),
  remote_addr: z.string().optional(),
  protocol: z.string().optional(),
  terminal: z.string().optional(),
  login_from: z.string().optional(),
  is_finished: Flag.optional(),
  search: z.string().optional(),
  order: z.string().optional(),
});
export type SessionFilter = z.infer<typeof SessionFilter>;

/** Whether a session passes the filter. Names are found in both forms, `alice` and `Alice Li(alice)`. */
export function passesSessionFilter(session: JumpServerSession, filter: SessionFilter): boolean {
  const same = (wanted: string | undefined, is: string): boolean => wanted === undefined || wanted === is;
  const searched = (filter.search ?? '').toLowerCase();
  return (
    same(filter.id?.toLowerCase(), session.id) &&
    isNamed(session.user, filter.user) &&
    same(filter.user_id?.toLowerCase(), session.user_id) &&
    isNamed(session.asset, filter.asset) &&
    same(filter.asset_id?.toLowerCase(), session.asset_id) &&
    isNamed(session.account, filter.account) &&
    same(filter.remote_addr, session.remote_addr) &&
    same(filter.protocol, session.protocol) &&
    same(filter.terminal, session.terminal.id) &&
    same(filter.login_from, session.login_from.value) &&
    (filter.is_finished === undefined || filter.is_finished === session.is_finished) &&
    [session.user, session.asset, session.account, session.remote_addr, session.protocol].some((text) =>
      text.toLowerCase().includes(searched),
    )
  );
}

/** A session on an asset, and what is known around it. Times are epoch milliseconds. */
export interface SessionFacts {
  readonly id: string;
  readonly user: { readonly id: string; readonly username: string; readonly name: string };
  /** Id and address are empty when the asset is gone. */
  readonly asset: { readonly id: string; readonly name: string; readonly address: string };
  readonly account: { readonly id: string; readonly username: string };
  readonly protocol: string;
  readonly address: string;
  /** Name of the gateway node. */
  readonly node: string;
  readonly startedAt: number;
  readonly endedAt: number | null;
  readonly isLocked: boolean;
  readonly recordings: readonly { readonly kind: 'shell' | 'exec'; readonly bytes: number }[];
  readonly commands: number;
  readonly mayTerminate: boolean;
  readonly mayReplay: boolean;
}

export function jumpServerSession(
  facts: SessionFacts,
  { version, date }: Manner,
  nowMs: number,
): JumpServerSession {
  const { recordings, endedAt } = facts;
  const hasReplay = recordings.length > 0 && endedAt !== null;
  const isExec = recordings.length > 0 && recordings.every(({ kind }) => kind === 'exec');
  return {
    id: facts.id,
    user: displayText(facts.user.name, facts.user.username),
    asset: facts.asset.address === '' ? facts.asset.name : displayText(facts.asset.name, facts.asset.address),
    user_id: facts.user.id,
    asset_id: facts.asset.id,
    account: displayText(facts.account.username, facts.account.username),
    account_id: facts.account.id,
    protocol: facts.protocol === 'web' ? 'ssh' : facts.protocol,
    type: isExec ? choice('command', 'Command') : choice('normal', 'Normal'),
    login_from: facts.protocol === 'web' ? choice('WT', 'Web Terminal') : choice('ST', 'SSH Terminal'),
    remote_addr: facts.address,
    is_success: true,
    is_finished: endedAt !== null,
    has_replay: hasReplay,
    has_command: facts.commands > 0,
    date_start: date(facts.startedAt),
    date_end: endedAt === null ? null : date(endedAt),
    duration: durationText((endedAt ?? nowMs) - facts.startedAt),
    comment: null,
    terminal_display: facts.node,
    is_locked: facts.isLocked,
    command_amount: facts.commands,
    error_reason: choice('', ''),
    terminal: { id: facts.node, name: facts.node },
    can_replay: hasReplay && facts.mayReplay,
    can_join: false,
    can_terminate: endedAt === null && facts.mayTerminate,
    org_id: ORGANISATION.id,
    org_name: ORGANISATION.name,
    ...(version === 3 ? {} : { replay_size: recordings.reduce((sum, { bytes }) => sum + bytes, 0) }),
  };
}

/** `0:03:21`, and `2 days, 0:03:21` from the second day on, as Python writes a span of time. */
export function durationText(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const days = Math.floor(seconds / 86_400);
  const two = (value: number): string => String(value).padStart(2, '0');
  const clock = `${Math.floor((seconds % 86_400) / 3600)}:${two(Math.floor((seconds % 3600) / 60))}:${two(seconds % 60)}`;
  if (days === 0) return clock;
  return `${days} day${days === 1 ? '' : 's'}, ${clock}`;
}

/**
 * Which sessions to end: a list of ids, or an object whose names are the ids. Whatever is no id is passed over,
 * because one bad id must not keep the others alive.
 */
export const KillSessionBody = z
  .union([z.array(z.unknown()), z.record(z.string(), z.unknown())])
  .transform((body) => (Array.isArray(body) ? body : Object.keys(body)))
  .transform((ids) => [...new Set(ids.filter(isSessionId).map((id) => id.toLowerCase()))]);

const SessionId = z.guid();
function isSessionId(value: unknown): value is string {
  return SessionId.safeParse(value).success;
}

export const ToggleLockBody = z.object({
  session_id: z.string(),
  task_name: z.enum(['lock_session', 'unlock_session', 'kill_session']),
});

export const TasksAnswer = z.object({ ok: z.array(z.string()) });
