import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import type { Secret } from '#lib/secret.ts';
import { WorkQueue } from '#lib/work-queue.ts';
import { formatPasswordHash, parsePasswordHash, type HashCost, type PasswordHash } from './password-hash.ts';

const argon2Async = promisify(argon2);

/** OWASP password storage cheat sheet, argon2id: 19 MiB, two passes, one lane. */
export const STANDARD_COST: HashCost = { memoryKiB: 19_456, passes: 2, lanes: 1 };

export interface Passwords {
  /** A PHC string with a fresh salt. */
  hash(password: Secret): Promise<string>;
  /**
   * Whether the password belongs to the hash. Null (no such user, or no password set), or a hash nobody can
   * read, costs the same and is false.
   */
  verify(password: Secret, phc: string | null): Promise<boolean>;
}

export interface PasswordsOptions {
  readonly cost?: HashCost;
  /**
   * Hashes at once. They run on libuv's thread pool (4 threads unless set otherwise), which writing recordings
   * needs too, so by default half of it stays free.
   */
  readonly concurrency?: number;
  /** Hashes that may wait for their turn; more are refused with `QueueFullError`. */
  readonly maxWaiting?: number;
}

export function createPasswords(options: PasswordsOptions = {}): Passwords {
  const { cost = STANDARD_COST, concurrency = 2, maxWaiting = 256 } = options;
  const queue = new WorkQueue({ concurrency, maxWaiting });
  // Its tag is random, so no password can fit; only its cost matters.
  const nobody: PasswordHash = { ...cost, salt: randomBytes(16), tag: randomBytes(32) };

  return {
    async hash(password) {
      const salt = randomBytes(16);
      const tag = await queue.run(() => derive(password, { ...cost, salt }, 32));
      return formatPasswordHash({ ...cost, salt, tag });
    },
    async verify(password, phc) {
      const known = phc === null ? undefined : parsePasswordHash(phc);
      const hash = known ?? nobody;
      const tag = await queue.run(() => derive(password, hash, hash.tag.length));
      return timingSafeEqual(tag, hash.tag) && known !== undefined;
    },
  };
}

async function derive(
  password: Secret,
  hash: HashCost & { readonly salt: Uint8Array },
  tagLength: number,
): Promise<Buffer> {
  return argon2Async('argon2id', {
    // Keyboards and systems compose accented letters differently; RFC 8265 section 4.2.2 settles on NFC.
    message: password.expose().normalize('NFC'),
    nonce: hash.salt,
    memory: hash.memoryKiB,
    passes: hash.passes,
    parallelism: hash.lanes,
    tagLength,
  });
}
