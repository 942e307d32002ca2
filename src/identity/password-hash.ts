/**
 * argon2id parameters and digest in PHC string form: `$argon2id$v=19$m=19456,t=2,p=1$SALT$TAG`, base64 without
 * padding (PHC string format; RFC 9106 section 3.1).
 */
export interface PasswordHash {
  readonly memoryKiB: number;
  readonly passes: number;
  readonly lanes: number;
  readonly salt: Uint8Array;
  readonly tag: Uint8Array;
}

export type HashCost = Pick<PasswordHash, 'memoryKiB' | 'passes' | 'lanes'>;

/** Floor and ceiling of what is accepted from storage: a wild value must not take the machine down. */
const BOUNDS = {
  memoryKiB: { min: 8, max: 262_144 },
  passes: { min: 1, max: 16 },
  lanes: { min: 1, max: 8 },
  saltBytes: { min: 8, max: 64 },
  tagBytes: { min: 16, max: 64 },
} as const;

export function formatPasswordHash(hash: PasswordHash): string {
  const cost = `m=${hash.memoryKiB},t=${hash.passes},p=${hash.lanes}`;
  return `$argon2id$v=19$${cost}$${toBase64(hash.salt)}$${toBase64(hash.tag)}`;
}

/** Undefined when the text is not an argon2id version 19 hash within bounds. */
export function parsePasswordHash(text: string): PasswordHash | undefined {
  if (text.length > 512) return undefined;
  const match =
    /^\$argon2id\$v=19\$m=([1-9]\d{0,9}),t=([1-9]\d{0,3}),p=([1-9]\d{0,3})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/.exec(
      text,
    );
  if (match === null) return undefined;
  const [, memory = '', passes = '', lanes = '', salt = '', tag = ''] = match;
  const hash: PasswordHash = {
    memoryKiB: Number(memory),
    passes: Number(passes),
    lanes: Number(lanes),
    salt: Buffer.from(salt, 'base64'),
    tag: Buffer.from(tag, 'base64'),
  };
  const inBounds =
    within(hash.memoryKiB, BOUNDS.memoryKiB) &&
    hash.memoryKiB >= 8 * hash.lanes &&
    within(hash.passes, BOUNDS.passes) &&
    within(hash.lanes, BOUNDS.lanes) &&
    within(hash.salt.length, BOUNDS.saltBytes) &&
    within(hash.tag.length, BOUNDS.tagBytes);
  // Node's base64 decoder is lenient; only what it would write itself is accepted.
  return inBounds && formatPasswordHash(hash) === text ? hash : undefined;
}

function within(value: number, bounds: { readonly min: number; readonly max: number }): boolean {
  return value >= bounds.min && value <= bounds.max;
}

function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64').replaceAll('=', '');
}
