/** What a gate says about the bytes it was given. */
export interface GateOutput {
  toAsset(bytes: Buffer): void;
  toPerson(bytes: Buffer): void;
}

/**
 * Stands between person and asset and decides what passes. Both directions keep their order; a gate may hold
 * input back, drop it, and say something to the person.
 */
export interface Gate {
  /** Whether bytes from the asset are needed after `fromAsset` has returned. */
  readonly keepsBytes: boolean;
  fromPerson(bytes: Buffer): void;
  fromAsset(bytes: Buffer): void;
  resize(columns: number, rows: number): void;
  /** The person sends nothing any more: `done` is called once what is held has been decided. */
  personEnded(done: () => void): void;
  close(): void;
}

export type OpenGate = (output: GateOutput) => Gate;

/** Lets everything pass: for commands, which were judged before they ran. */
export function openGate(output: GateOutput): Gate {
  return {
    keepsBytes: false,
    fromPerson: (bytes) => output.toAsset(bytes),
    fromAsset: (bytes) => output.toPerson(bytes),
    resize: () => undefined,
    personEnded: (done) => done(),
    close: () => undefined,
  };
}
