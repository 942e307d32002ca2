import type { EventRecord } from '#contract/event.ts';
import type { LineOrigin } from '#domain/normalise/line-origin.ts';
import type { SyslogMessage } from '#domain/syslog/message.ts';

/**
 * Makes the events of one message: the type, and what the line says about people. Never throws and never waits:
 * what no type can read becomes one `foreign.unparsed` with the reason. An empty list drops a record that came before.
 */
export type NormaliseMessage = (message: SyslogMessage, origin: LineOrigin) => readonly EventRecord[];
