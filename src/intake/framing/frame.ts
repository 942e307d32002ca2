/** One message as it was cut out of what came. */
export interface Frame {
  readonly bytes: Buffer;
  /** Bytes that it had before it was cut; null when it was not. */
  readonly untruncatedSize: number | null;
}
