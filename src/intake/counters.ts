/** What came of everything that was sent to one listener. */
export interface IntakeCounts {
  /** Messages that were taken. */
  readonly received: number;
  /** Datagrams that the kernel dropped because its buffer was full. */
  readonly droppedByKernel: number;
  /** Datagrams that found no room in the queue, or no disk space. */
  readonly droppedHere: number;
  /** Datagrams and connections from addresses that may not send, and handshakes that failed. */
  readonly refused: number;
  /** Datagrams without content. */
  readonly empty: number;
  /** Messages that were longer than the limit; they count as received. */
  readonly truncated: number;
}

export type MutableCounts = { -readonly [K in keyof IntakeCounts]: number };

export function newCounts(): MutableCounts {
  return { received: 0, droppedByKernel: 0, droppedHere: 0, refused: 0, empty: 0, truncated: 0 };
}
