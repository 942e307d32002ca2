/** Free bytes of the data folder below which something stops, so that what matters more goes on. */
export interface DiskFloors {
  /** Foreign events are not taken. */
  readonly intakeBytes: number;
  /** The archive takes nothing and merges nothing; the journal keeps what it has not taken. */
  readonly archiveBytes: number;
  /** No new recording begins, so no session. */
  readonly recordingBytes: number;
}

/** From `retention.reserve`: a flood from outside stops first, and the people at work last. */
export function diskFloors(reserveBytes: number): DiskFloors {
  return {
    intakeBytes: 2 * reserveBytes,
    archiveBytes: Math.ceil(1.5 * reserveBytes),
    recordingBytes: reserveBytes,
  };
}
