import { z } from 'zod';
import type { EventRecord } from '../event.ts';
import type { EventType } from '../event-catalogue.ts';
import { type Choice, choice, choiceOf } from './choice.ts';
import { type DisplayNames, displayText, isNamed, type Manner, ORGANISATION } from './manner.ts';

const RISK_LEVELS = { 0: 'Accept', 4: 'Warning', 5: 'Reject' } as const;
export type RiskLevel = 0 | 4 | 5;

export const JumpServerCommand = z.object({
  id: z.string(),
  user: z.string(),
  asset: z.string(),
  account: z.string(),
  input: z.string(),
  output: z.string(),
  session: z.string(),
  risk_level: choiceOf(z.union([z.literal(0), z.literal(4), z.literal(5)])),
  org_id: z.string(),
  /** Epoch seconds. */
  timestamp: z.number().int(),
  timestamp_display: z.string(),
  remote_addr: z.string(),
});
export type JumpServerCommand = z.infer<typeof JumpServerCommand>;

/** What a person or a program may ask of the commands; anything else is passed over. */
export const CommandFilter = z.object({
  id: z.string().optional(),
  command_storage_id: z.string().optional(),
  session: z.string().optional(),
  session_id: z.string().optional(),
  user: z.string().optional(),
  asset: z.string().optional(),
  asset_id: z.string().optional(),
  account: z.string().optional(),
  input: z.string().optional(),
  risk_level: z.string().optional(),
  search: z.string().optional(),
  order: z.string().optional(),
});
export type CommandFilter = z.infer<typeof CommandFilter>;

/** `user` is how the name begins, or the user name itself; `asset` and `input` are parts of them. */
export function passesCommandFilter(command: JumpServerCommand, filter: CommandFilter): boolean {
  const has = (text: string, part: string | undefined): boolean =>
    text.toLowerCase().includes((part ?? '').toLowerCase());
  const { user, account } = filter;
  return (
    (user === undefined ||
      command.user.toLowerCase().startsWith(user.toLowerCase()) ||
      isNamed(command.user, user)) &&
    isNamed(command.account, account) &&
    has(command.asset, filter.asset) &&
    has(command.input, filter.input) &&
    [command.input, command.user, command.asset].some((text) => has(text, filter.search))
  );
}

const LEVEL_OF = {
  'command.allowed': 0,
  'command.input': 0,
  'command.warned': 4,
  'command.denied': 5,
} as const satisfies Partial<Record<EventType, RiskLevel>>;
type CommandType = keyof typeof LEVEL_OF;

export const COMMAND_TYPES: readonly EventType[] = Object.keys(LEVEL_OF).filter(isCommandType);

function isCommandType(type: string): type is CommandType {
  return Object.hasOwn(LEVEL_OF, type);
}

/** The event types of one risk level; none for a level that nothing here has. */
export function commandTypesOf(level: number): readonly EventType[] {
  return COMMAND_TYPES.filter((type) => isCommandType(type) && LEVEL_OF[type] === level);
}

/** Undefined for an event that is no command. */
export function jumpServerCommand(
  event: EventRecord,
  names: DisplayNames,
  { date }: Manner,
): JumpServerCommand | undefined {
  if (!isCommandType(event.type)) return undefined;
  const account = event.account ?? '';
  const { matched } = event.data;
  const command = event.command ?? '';
  return {
    id: event.id,
    user: event.user === undefined ? '' : names.user(event.user),
    asset: event.asset === undefined ? '' : names.asset(event.asset),
    account: account === '' ? '' : displayText(account, account),
    input: command,
    // What the command printed is in the recording; only a refusal is kept as text.
    output:
      event.type === 'command.denied'
        ? `Command \`${typeof matched === 'string' ? matched : command}\` is forbidden`
        : '',
    session: event.session ?? '',
    risk_level: riskLevel(LEVEL_OF[event.type]),
    org_id: ORGANISATION.id,
    timestamp: Math.floor(event.time / 1000),
    timestamp_display: date(event.time),
    remote_addr: event.address ?? '',
  };
}

function riskLevel(level: RiskLevel): Choice<RiskLevel> {
  return choice(level, RISK_LEVELS[level]);
}

/** There is one place where commands are stored. Its id never changes, so scripts may keep it. */
export const COMMAND_STORAGE_ID = '2f7d5a9c-6b1e-8c43-9a70-51d3e08b64f1';

export const JumpServerCommandStorage = z.object({
  id: z.uuid(),
  name: z.string(),
  type: choiceOf(z.literal('server')),
  meta: z.object({}),
  comment: z.string(),
  is_default: z.boolean(),
  org_id: z.string(),
  org_name: z.string(),
});
export type JumpServerCommandStorage = z.infer<typeof JumpServerCommandStorage>;

export const COMMAND_STORAGE: JumpServerCommandStorage = {
  id: COMMAND_STORAGE_ID,
  name: 'default',
  type: choice('server', 'Server'),
  meta: {},
  comment: '',
  is_default: true,
  org_id: ORGANISATION.id,
  org_name: ORGANISATION.name,
};
