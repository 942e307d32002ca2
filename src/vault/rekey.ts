import { Secret } from '#lib/secret.ts';
import { sealedKeyId } from './sealed-text.ts';
import type { Vault } from './vault.ts';

/** A place where sealed texts are kept, e.g. one column of one table. */
export interface SealedPlace {
  readonly name: string;
  /** The context under which the row with this id is sealed. */
  context(id: string): string;
  /** A page of rows in the order of their ids, after the given one. An empty page is the end. */
  page(afterId: string): Promise<readonly SealedRow[]>;
  /** Replaces texts, all of a page in one transaction; a row that changed meanwhile is left as it is. Returns how many. */
  replace(changes: readonly SealedChange[]): Promise<number>;
}

export interface SealedRow {
  readonly id: string;
  readonly sealed: string;
}

export interface SealedChange extends SealedRow {
  readonly resealed: string;
}

export interface RekeyReport {
  /** Texts sealed anew, by place. */
  readonly resealed: Readonly<Record<string, number>>;
  /** The master keys that sealed texts are under after the run: every other key can be retired. */
  readonly keysInUse: readonly string[];
}

/** Seals everything anew that is under an older master key. Safe to interrupt and to repeat. */
export async function rekeyPlaces(vault: Vault, places: readonly SealedPlace[]): Promise<RekeyReport> {
  const resealed: Record<string, number> = {};
  for (const place of places) resealed[place.name] = await rekeyPlace(vault, place);
  const keysInUse = new Set<string>();
  for (const place of places) {
    for await (const { sealed } of rows(place)) keysInUse.add(sealedKeyId(sealed) ?? 'unknown');
  }
  return { resealed, keysInUse: [...keysInUse] };
}

async function rekeyPlace(vault: Vault, place: SealedPlace): Promise<number> {
  let count = 0;
  let after = '';
  for (;;) {
    const page = await place.page(after);
    const last = page.at(-1);
    if (last === undefined) return count;
    after = last.id;
    const changes = page
      .filter(({ sealed }) => vault.needsRekey(sealed))
      .map(({ id, sealed }) => ({ id, sealed, resealed: reseal(vault, sealed, place.context(id)) }));
    if (changes.length > 0) count += await place.replace(changes);
  }
}

/** As bytes, whatever it holds: a text survives the way through its UTF-8. */
function reseal(vault: Vault, sealed: string, context: string): string {
  return vault.seal(new Secret(vault.openBytes(sealed, context).expose()), context);
}

async function* rows(place: SealedPlace): AsyncGenerator<SealedRow> {
  for (let after = ''; ;) {
    const page = await place.page(after);
    yield* page;
    const last = page.at(-1);
    if (last === undefined) return;
    after = last.id;
  }
}
