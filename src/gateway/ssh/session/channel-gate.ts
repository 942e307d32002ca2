import type { EventFields } from '#contract/event.ts';
import type { GrantMode } from '#contract/resources/grant.ts';
import type { CommandJudge, CommandJudgement, CommandReading } from '#domain/command/verdict.ts';
import { printable } from '#lib/printable.ts';
import type { MonotonicClock } from '#lib/time.ts';
import { unreadableLine, type JudgedLine } from '../../terminal/judged-line.ts';
import { createShellGate } from '../../terminal/shell-gate.ts';
import type { Messages } from '../messages.ts';
import { shellLineEvents } from './command-events.ts';
import { openGate, type OpenGate } from './gate.ts';
import type { GatewayEvents } from './gateway-events.ts';
import { createLineGate } from './line-gate.ts';
import type { PersonChannel } from './person-channel.ts';

export interface ChannelGateOptions {
  readonly person: PersonChannel;
  readonly mode: GrantMode;
  /** What the command of an exec channel runs; null for a shell. */
  readonly reading: CommandReading | null;
  /** Asked for every line: rules may change while the shell is open. */
  readonly judge: CommandJudge;
  readonly messages: Messages;
  readonly events: GatewayEvents;
  readonly eventFields: EventFields;
  readonly now: MonotonicClock;
  /** A line was denied: what was recorded so far must be on the disk. */
  readonly denied: () => void;
  /** Says something to the person within the session. */
  readonly say: (text: string) => void;
  /** Nothing can be let through safely any more. */
  readonly mustEnd: (why: 'line-not-cleared' | 'audit-failed') => void;
}

/**
 * The gate of a channel, by what the channel is. The command of an exec channel was judged before it ran; what
 * is sent to it is read as commands where a shell in it may do so, and on a terminal, where nobody can tell.
 */
export function channelGate(options: ChannelGateOptions): OpenGate {
  const { person, mode, judge, reading, now, mustEnd } = options;
  if (person.kind === 'exec' && person.pty === null && reading?.commandsFromInput === false) return openGate;
  const tell = async (line: JudgedLine): Promise<void> => {
    const events = shellLineEvents(options.events, options.eventFields, mode, line);
    if (line.judgement.verdict === 'deny') options.denied();
    if (events.length > 0) await options.events.require(events);
  };
  if (person.pty === null) {
    return createLineGate({
      judge,
      mode,
      onJudged: (line, judgement) => tell(scriptLine(line, judgement, mode)),
      auditFailed: () => mustEnd('audit-failed'),
      tell: (judgement) => options.say(denialText(options.messages, judgement)),
    });
  }
  const { columns, rows } = person.pty;
  return createShellGate({
    judge,
    mode,
    columns,
    rows,
    now,
    started: reading,
    onJudged: tell,
    mustEnd,
    denialText: (judgement) => denialText(options.messages, judgement),
  });
}

function scriptLine(line: string, judgement: CommandJudgement | null, mode: GrantMode): JudgedLine {
  if (judgement === null) return unreadableLine(mode === 'observe' ? 'allow' : 'deny');
  return { line, judgement, reader: 'shell', mismatch: null, unreadable: false, hidden: false };
}

/** What the person reads when a command does not run. */
export function denialText(messages: Messages, judgement: CommandJudgement | null): string {
  const matched = judgement?.matched ?? null;
  const first =
    matched === null ? messages.commandUnreadable() : messages.commandDenied(printable(matched, 200));
  const more = judgement?.message ?? null;
  return more === null ? first : `${first}. ${printable(more, 500)}`;
}
