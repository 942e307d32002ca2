import type { SyslogMessage } from './message.ts';
import { readMessage } from './read-message.ts';

/** A line that was written down, for trying types without a listener. Times without a zone are UTC. */
export function writtenLine(raw: string, receivedAtMs: number): SyslogMessage {
  return readMessage(raw, {
    peer: { address: '127.0.0.1', port: 0, transport: 'udp' },
    receivedAtMs,
    zone: (localMs) => localMs,
    untruncatedSize: null,
  });
}
