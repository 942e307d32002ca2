import type { EventType } from '#contract/event-catalogue.ts';
import type { EventFields, EventRecord } from '#contract/event.ts';
import type { GrantMode } from '#contract/resources/grant.ts';
import type { CommandJudgement } from '#domain/command/verdict.ts';
import type { JudgedLine } from '../../terminal/judged-line.ts';
import type { GatewayEvents } from './gateway-events.ts';

const MAX_COMMAND_LENGTH = 65_536;

export function commandText(command: string): string {
  return command.slice(0, MAX_COMMAND_LENGTH);
}

/** `span`: where in `command` the program or the text stands that decided; null when no single place did. */
export function judgementData({ rule, matched, span, reading }: CommandJudgement) {
  return {
    rule,
    matched,
    span: span === null || span.end > MAX_COMMAND_LENGTH ? null : { start: span.start, end: span.end },
    programs: reading.programs.slice(0, 50).map((program) => program.name.slice(0, 200)),
    dynamic: reading.dynamic,
    unparsable: reading.unparsable,
  };
}

/** The event of a verdict. Where a grant only observes, what a rule denies is run: that is a warning. */
export function verdictType(verdict: CommandJudgement['verdict'], mode: GrantMode): EventType {
  switch (verdict) {
    case 'allow':
      return 'command.allowed';
    case 'warn':
      return 'command.warned';
    case 'deny':
      return mode === 'observe' ? 'command.warned' : 'command.denied';
    default:
      return verdict satisfies never;
  }
}

/** Everything there is to tell about a line; empty for what was typed without echo and harms nobody. */
export function shellLineEvents(
  events: GatewayEvents,
  fields: EventFields,
  mode: GrantMode,
  { line, judgement, reader, mismatch, unreadable, hidden }: JudgedLine,
): readonly EventRecord[] {
  const told: EventRecord[] = [];
  const command = hidden || unreadable ? {} : { command: commandText(line) };
  const data = { ...judgementData(judgement), kind: 'shell', mode, reader };
  if (unreadable) told.push(events.make('command.unreadable', { ...fields, data: { kind: 'shell', mode } }));
  if (mismatch !== null) {
    const { shown, typed } = mismatch;
    told.push(
      events.make('command.mismatch', {
        ...fields,
        ...command,
        data: { kind: 'shell', shown: commandText(shown), typed: commandText(typed) },
      }),
    );
  }
  if (judgement.verdict !== 'allow')
    told.push(events.make(verdictType(judgement.verdict, mode), { ...fields, ...command, data }));
  else if (!hidden && !unreadable)
    told.push(
      events.make(reader === 'shell' ? 'command.allowed' : 'command.input', { ...fields, ...command, data }),
    );
  return told;
}
