import type { EventRecord } from './event.ts';

/** How a line can come to us. `file`: history that a person imported. */
export const TRANSPORTS = ['udp', 'tcp', 'tls', 'file'] as const;
export type Transport = (typeof TRANSPORTS)[number];

/**
 * How a foreign event came to us: under `data.intake`, where the intake alone writes. No log source type may put
 * anything there, so a line cannot speak for its own sender.
 */
export interface EventOrigin {
  /** Whether an administrator has confirmed the source. */
  readonly confirmed: boolean;
  /** Over `tls` the sender is known; over `udp` and `tcp` whoever reaches a listener can be anybody. */
  readonly transport: Transport;
}

/** The key under `data`. */
export const ORIGIN_KEY = 'intake';

/** The origin of a foreign event; null for our own, and for what came without one. */
export function originOf(event: EventRecord): EventOrigin | null {
  const origin = event.source === 'gateway' ? undefined : event.data[ORIGIN_KEY];
  if (typeof origin !== 'object' || origin === null || !('confirmed' in origin)) return null;
  const { confirmed } = origin;
  const transport = TRANSPORTS.find((one) => one === origin['transport']);
  return typeof confirmed === 'boolean' && transport !== undefined ? { confirmed, transport } : null;
}

/** Whether it is history that was imported: stored and searched, never counted. */
export function isHistory(event: EventRecord): boolean {
  return originOf(event)?.transport === 'file';
}

/** Whether acting on the event's word needs another witness: anybody could have sent it. */
export function needsCorroboration(event: EventRecord): boolean {
  return event.source !== 'gateway' && originOf(event)?.transport !== 'tls';
}
