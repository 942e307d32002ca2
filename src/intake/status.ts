import type { IntakeCounts } from './counters.ts';

export interface ListenerStatus extends IntakeCounts {
  readonly transport: 'udp' | 'tcp' | 'tls';
  /** `host:port`. */
  readonly address: string;
  readonly connections: number;
}

export interface IntakeStatus {
  readonly listeners: readonly ListenerStatus[];
  /** Why nothing is taken now; null when all is well. */
  readonly problem: string | null;
  readonly lastMessageMs: number | null;
}
