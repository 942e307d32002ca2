/** What a gate says about the bytes it was given. */
export interface GateOutput {
  /** `secret`: typed where nothing is echoed; it goes on, but its content is not recorded. */
  toAsset(bytes: Buffer, secret?: boolean): void;
  toPerson(bytes: Buffer): void;
}

/**
 * Stands between person and asset and decides what passes. Both directions keep their order; a gate may hold
 * input back, drop it, and say something to the person.
 */
export interface Gate {
  /** True when bytes from the asset are not needed after `fromAsset` has returned. */
  readonly usesBytesAtOnce?: boolean;
  /** How much input the gate holds; while it is much, the person's window stays shut. */
  readonly heldBytes?: number;
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
    usesBytesAtOnce: true,
    fromPerson: (bytes) => output.toAsset(bytes),
    fromAsset: (bytes) => output.toPerson(bytes),
    resize: () => undefined,
    personEnded: (done) => done(),
    close: () => undefined,
  };
}
