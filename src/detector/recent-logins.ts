import type { EventRecord } from '#contract/event.ts';
import { formatEntity } from '#domain/detection/entity.ts';
import { isTrusted } from '#domain/detection/trust.ts';
import { addressBlock } from '#lib/ip-text.ts';
import { LruMap } from '#lib/lru.ts';
import type { LoginFrom } from '#state/login-addresses.ts';

/** The same person from the same address is written again after this; what reads it looks back for days. */
const WRITE_AGAIN_MS = 3_600_000;
const KNOWN = 10_000;

/** Picks the logins that are worth writing down, so that automation which logs in all day costs no writes. */
export class RecentLogins {
  readonly #writtenMs = new LruMap<string, number>(KNOWN);

  /** The login that the event tells of, unless it was written a while ago. Only our own gateway is believed. */
  pick(event: EventRecord): LoginFrom | undefined {
    if (event.type !== 'login.succeeded' || !isTrusted(event)) return undefined;
    const { realm, user, address, time: timeMs } = event;
    if (user === undefined || address === undefined) return undefined;
    const login: LoginFrom = {
      address: addressBlock(address),
      person: formatEntity({ kind: 'user', realm, username: user }),
      timeMs,
    };
    const writtenMs = this.#writtenMs.get(keyOf(login));
    return writtenMs === undefined || Math.abs(timeMs - writtenMs) >= WRITE_AGAIN_MS ? login : undefined;
  }

  /** They are stored. */
  written(logins: readonly LoginFrom[]): void {
    for (const login of logins) this.#writtenMs.set(keyOf(login), login.timeMs);
  }
}

function keyOf({ address, person }: LoginFrom): string {
  return `${address} ${person}`;
}
