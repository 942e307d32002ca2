import type { Transport } from '#contract/event-origin.ts';
import { nameKey } from '#contract/names.ts';
import type { LineOrigin } from '#domain/normalise/line-origin.ts';
import { derivedId } from '#lib/ids.ts';
import { isInRanges } from '#lib/ip.ts';
import { LruMap } from '#lib/lru.ts';
import type { LogSourceRow } from '#state/schema.ts';
import { sourceName } from './source-name.ts';

/** What the table is told of a source. */
export type KnownSource = Pick<
  LogSourceRow,
  'id' | 'name' | 'address' | 'host' | 'app' | 'realm' | 'confirmedAt'
>;

/** Where a line came from, as the table knows it. */
export interface Source {
  /** Of one that is not stored, the id that it would have. */
  readonly id: string;
  readonly isListed: boolean;
  readonly name: string;
  readonly isConfirmed: boolean;
  readonly address: string;
  readonly host: string;
  /** What its events say of it; one object for all of them. */
  readonly origins: Readonly<Record<Transport, LineOrigin>>;
}

interface Entry {
  readonly known: KnownSource;
  readonly source: Source;
  readonly holds: (address: string) => boolean;
  readonly weight: number;
}

const ANY = '*';
/** Source and realm of the server itself: nobody outside can speak in its name. */
const OWN = 'gateway';
const STRANGERS = 10_000;

/** Finds the source of a line by the address it came from, the host name and the app name it says. */
export class SourceTable {
  #byAddress = new Map<string, readonly Entry[]>();
  #byRange: readonly Entry[] = [];
  /** Not stored, or not yet; made anew when forgotten. */
  readonly #strangers = new LruMap<string, Source>(STRANGERS);

  /** From now on these are the stored ones. */
  replace(sources: readonly KnownSource[]): void {
    const entries = sources.map(entryOf).toSorted((left, right) => right.weight - left.weight);
    const ranges = entries.filter(({ known }) => known.address.includes('/'));
    const byAddress = new Map<string, Entry[]>();
    for (const entry of entries) {
      if (entry.known.address.includes('/')) continue;
      const there = byAddress.get(entry.known.address) ?? [];
      there.push(entry);
      byAddress.set(entry.known.address, there);
    }
    this.#byAddress = byAddress;
    this.#byRange = ranges;
  }

  /** The most exact of those that the line fits: the address before a range, then the host, then the app. */
  find(address: string, hostname: string | null, appName: string | null): Source {
    const host = hostname?.toLowerCase() ?? '';
    const exact = this.#byAddress.get(address);
    const found =
      (exact === undefined ? undefined : firstFit(exact, address, host, appName)) ??
      (this.#byRange.length === 0 ? undefined : firstFit(this.#byRange, address, host, appName));
    return found ?? this.#stranger(address, host);
  }

  #stranger(address: string, host: string): Source {
    const key = `${address} ${host}`;
    const before = this.#strangers.get(key);
    if (before !== undefined) return before;
    const name = sourceName(address, host);
    const stranger = sourceOf(
      { id: strangerId(address, host), name, realm: name, address, host, confirmedAt: null },
      false,
    );
    this.#strangers.set(key, stranger);
    return stranger;
  }
}

function firstFit(
  entries: readonly Entry[],
  address: string,
  host: string,
  appName: string | null,
): Source | undefined {
  for (const { known, source, holds } of entries)
    if (
      (known.host === ANY || known.host === host) &&
      (known.app === ANY || known.app === appName?.toLowerCase()) &&
      holds(address)
    )
      return source;
  return undefined;
}

function entryOf(known: KnownSource): Entry {
  const isRange = known.address.includes('/');
  return {
    known,
    source: sourceOf(known, true),
    holds: isRange ? isInRanges([known.address]) : () => true,
    weight: (known.host === ANY ? 0 : 2) + (known.app === ANY ? 0 : 1),
  };
}

/** The same source has the same id, also when it was forgotten in between. */
function strangerId(address: string, host: string): string {
  return derivedId('log source', address, host);
}

function sourceOf(
  { id, name, realm, address, host, confirmedAt }: Omit<KnownSource, 'app'>,
  isListed: boolean,
): Source {
  // The API refuses such names; here it is made certain.
  const isOwn = nameKey(name) === OWN || nameKey(realm) === OWN;
  const seen = sourceName(address, host === ANY ? '' : host);
  const isConfirmed = confirmedAt !== null && !isOwn;
  const origin = (transport: Transport): LineOrigin => ({
    source: isOwn ? seen : name,
    realm: isOwn ? seen : realm,
    intake: { confirmed: isConfirmed, transport },
  });
  return {
    id,
    isListed,
    name,
    isConfirmed,
    address,
    host,
    origins: { udp: origin('udp'), tcp: origin('tcp'), tls: origin('tls'), file: origin('file') },
  };
}
