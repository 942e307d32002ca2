import type { EventRecord } from '#contract/event.ts';
import type { LineOrigin } from '#domain/normalise/line-origin.ts';
import { unparsedEvent } from '#domain/normalise/build-event.ts';
import type { SyslogMessage, SyslogPeer } from '#domain/syslog/message.ts';
import { readMessage } from '#domain/syslog/read-message.ts';
import type { LocalToUtc } from '#domain/syslog/zone.ts';
import type { NewId } from '#lib/ids.ts';
import type { Logger } from '#lib/log.ts';
import type { Clock } from '#lib/time.ts';
import type { EventQueue } from './event-queue.ts';
import type { Frame } from './framing/frame.ts';
import { decodeText } from '#lib/decode-text.ts';
import type { NormaliseMessage } from './normalise-message.ts';
import type { Sources } from './sources/sources.ts';

export interface DispatchOptions {
  readonly queue: Pick<EventQueue, 'add'>;
  readonly sources: Pick<Sources, 'find' | 'count'>;
  readonly normalise: NormaliseMessage;
  readonly zone: LocalToUtc;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly logger: Logger;
}

export interface Dispatch {
  readonly take: (frame: Frame, peer: SyslogPeer) => void;
  readonly lastMessageMs: () => number | null;
}

/** Beside the text an event takes about that much. */
const EVENT_BYTES = 1024;

/** From a frame to events in the queue. */
export function createDispatch(options: DispatchOptions): Dispatch {
  const { queue, sources, normalise, zone, clock, newId, logger } = options;
  let lastMessageMs: number | null = null;
  const eventsOf = (message: SyslogMessage, origin: LineOrigin): readonly EventRecord[] => {
    try {
      return normalise(message, origin);
    } catch (error) {
      logger.error(
        { err: error, source: origin.source },
        'a message could not be made an event; it is kept raw',
      );
      const reason = 'a defect of the server; its log says more';
      return [unparsedEvent(newId(message.receivedAtMs), message, origin, reason, {})];
    }
  };
  return {
    lastMessageMs: () => lastMessageMs,
    take(frame, peer) {
      const receivedAtMs = clock();
      lastMessageMs = receivedAtMs;
      const { bytes, untruncatedSize } = frame;
      const message = readMessage(decodeText(bytes), { peer, receivedAtMs, zone, untruncatedSize });
      const source = sources.find(message);
      const events = eventsOf(message, source.origins[peer.transport]);
      sources.count(source, message, events);
      queue.add(events, bytes.length + EVENT_BYTES * events.length, peer.transport !== 'udp');
    },
  };
}
