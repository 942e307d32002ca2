import { nameKey } from '#contract/names.ts';

/**
 * Who an offense is about. A user is `realm:name`; other kinds are marked with `@`, which no realm can start
 * with, so they never meet.
 */
export type Entity =
  | { readonly kind: 'user'; readonly realm: string; readonly username: string }
  | { readonly kind: 'address'; readonly address: string }
  | { readonly kind: 'asset'; readonly asset: string }
  /** A log source: our own gateway, or what sends foreign events. */
  | { readonly kind: 'source'; readonly source: string };

export function formatEntity(entity: Entity): string {
  switch (entity.kind) {
    case 'user':
      return `${entity.realm}:${nameKey(entity.username)}`;
    case 'address':
      return `@address:${entity.address}`;
    case 'asset':
      return `@asset:${nameKey(entity.asset)}`;
    case 'source':
      return `@source:${entity.source}`;
    default:
      return entity satisfies never;
  }
}

/** The inverse of `formatEntity`; undefined for anything else. */
export function parseEntity(text: string): Entity | undefined {
  const colon = text.indexOf(':');
  if (colon <= 0 || colon === text.length - 1) return undefined;
  const head = text.slice(0, colon);
  const rest = text.slice(colon + 1);
  if (head === '@address') return { kind: 'address', address: rest };
  if (head === '@asset') return { kind: 'asset', asset: rest };
  if (head === '@source') return { kind: 'source', source: rest };
  return head.startsWith('@') ? undefined : { kind: 'user', realm: head, username: rest };
}
